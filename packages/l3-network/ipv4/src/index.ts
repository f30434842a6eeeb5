/**
 * IPv4: addresses, routes, receiving, forwarding, sending, fragments and ICMP.
 *
 * @packageDocumentation
 */
export * from './constants.ts';
export { InetProtocols, type NetProtocol } from './inet-protocols.ts';
export {
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_WANT,
  type InetSock,
} from './inet-sock.ts';
export { IpOutput, type Flow4 } from './ip-output.ts';
export type { DstInput, DstOutput, Rtable } from './rtable.ts';
export { formatIpv4, parseCidr, parseIpv4, type Cidr } from './address/text.ts';
export { Mib } from './mib.ts';
