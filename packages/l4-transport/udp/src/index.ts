/**
 * The User Datagram Protocol, and UDP-Lite.
 *
 * ```ts
 * const sockets = host.get(BsdSockets);         // of @stack/socket
 * const file = sockets.create(SOCK_DGRAM);
 * file.bind(0, 53);
 * file.listener = { onReady: () => file.recvmsg(buffer, 0, buffer.length, 0, msg) };
 *
 * host.get(Udp).mib.nonZero();                  // { UdpInDatagrams: 1 }
 * ```
 *
 * @packageDocumentation
 */
export * from './mib.ts';
export * from './datagram/options.ts';
export { SO_NO_CHECK, SOL_UDPLITE, UDPLITE_RECV_CSCOV, UDPLITE_SEND_CSCOV } from './options.ts';
export { Udp, udp, UdpLite } from './plugin.ts';
export { UdpSock } from './udp-sock.ts';
export { UdpState } from './udp-state.ts';
export { UdpTable } from './udp-table.ts';
