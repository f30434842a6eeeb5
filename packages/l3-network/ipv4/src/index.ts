/**
 * IPv4: addresses, routes, receiving, forwarding, sending, fragments and ICMP.
 *
 * ```ts
 * const ip = host.get(Ipv4);
 * ip.addAddress(eth0, '10.0.0.1/24');
 * ip.addRoute({ to: 'default', via: '10.0.0.254' });
 * ip.sysctl.ipForward = true;
 * ip.mib.get('IpInReceives');
 * ```
 *
 * @packageDocumentation
 */
export * from './constants.ts';
export type { AddressListener } from './address/addresses.ts';
export { isLoopback, isMulticast } from './address/classify.ts';
export { InDevice, InIfaddr, inDevGet } from './address/in-device.ts';
export { formatIpv4, parseCidr, parseIpv4, type Cidr } from './address/text.ts';
export { IP_DEFRAG_CONNTRACK_IN, IP_DEFRAG_CONNTRACK_OUT, ipDefrag } from './fragment/defrag.ts';
export type { EchoRequest } from './icmp/ping.ts';
export { IcmpState, type PingListener } from './icmp/state.ts';
export { InetProtocols, type NetProtocol } from './inet-protocols.ts';
export {
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_INTERFACE,
  IP_PMTUDISC_OMIT,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_WANT,
  type InetSock,
  type IpSettings,
} from './inet-sock.ts';
export { ipSkAcceptPmtu, ipSkIgnoreDf, ipSkUsePmtu } from './output/mtu.ts';
export { IpOutput, type Flow4 } from './ip-output.ts';
export { ICMP_MIB_NAMES, type IcmpMibName } from './mib/icmp-mib.ts';
export { IP_MIB_NAMES, type IpMibName } from './mib/ip-mib.ts';
export { Mib, mibIndex } from './mib/mib.ts';
export { ProcNet } from './mib/proc-net.ts';
export { Ipv4, NetnsIpv4 } from './netns.ts';
export * from './options.ts';
export { EgressPrograms, type EgressProgram } from './output/egress.ts';
export { ipv4 } from './plugin.ts';
export { Policies, XFRM_POLICY_FWD, XFRM_POLICY_IN, XFRM_POLICY_OUT, type Policy } from './policy.ts';
export type { RouteOptions } from './route/configured.ts';
export { NO_METRICS, type RouteMetrics } from './route/metrics.ts';
export { ipRouteMeHarder } from './route/me-harder.ts';
export { FibNextHop, FibRoute, type FibAttributes } from './route/fib-info.ts';
export type { DstInput, DstOutput, Rtable } from './rtable.ts';
export { Ipv4Sysctls } from './sysctls.ts';
