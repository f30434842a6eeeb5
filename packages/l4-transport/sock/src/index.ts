/**
 * Sockets below the calls: the common part of every socket, its lock and backlog, its budgets, ports and hash tables.
 *
 * ```ts
 * const info = new InetHashinfo(new SockNet(seededRandom(7)));
 * inetCskGetPort(info, sk, 80);      // 0, or -EADDRINUSE
 * inetListenInsert(info, sk);
 * inetLookupListener(info, peer, 40_000, address, 80, ifindex) === sk;
 *
 * lockSock(sk);                      // a call is inside: packets wait in the backlog
 * releaseSock(sk);                   // ... and are processed here
 * ```
 *
 * @packageDocumentation
 */
export * from './error-queue.ts';
export * from './events.ts';
export * from './message.ts';
export * from './states.ts';
export { BindBucket } from './bind-bucket.ts';
export { inetCskBindConflict } from './bind-conflict.ts';
export { skFilter } from './filter.ts';
export { HashTable, type Hashed } from './hash-table.ts';
export { inetAutobind, inetBind, type GetPort } from './inet-bind.ts';
export { inetEhashfn, portaddrHash } from './hash.ts';
export * from './inet-hashinfo.ts';
export { inetLookup, inetLookupEstablished, inetLookupListener } from './inet-lookup.ts';
export { inetCskGetPort, inetHashConnect, type Timewaits } from './inet-port.ts';
export { ipIcmpError } from './ip-icmp-error.ts';
export { icmpUnreachErrno, icmpUnreachFatal, NR_ICMP_UNREACH } from './icmp-errors.ts';
export { InetProtoswTable } from './inet-protosws.ts';
export { lockSock, releaseSock, skAddBacklog } from './lock.ts';
export * from './memory.ts';
export { intOf } from './option-value.ts';
export { skPeekOffsetFwd } from './peek-offset.ts';
export { sockets } from './plugin.ts';
export * from './proto.ts';
export type { PortOwner, SockCommon } from './sock-common.ts';
export { SockNet, SockNetwork } from './sock-net.ts';
export * from './sock.ts';
export * from './stamp-flags.ts';
export * from './timestamping.ts';
export { msgZerocopyRealloc, type ZerocopyCalls } from './zerocopy.ts';
export * from './sock-settings.ts';
export * from './stream.ts';
