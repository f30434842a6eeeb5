import { csumAdd, csumFold } from '@stack/memory';
import { llReservedSpace } from '@stack/neigh';
import { icmp, ip, pskbCopy, skbCopy, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { IPPROTO_ICMP } from '../constants.ts';
import { IcmpMib } from '../mib/icmp-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { inetCurrentTimestamp } from '../output/options-build.ts';
import { ipRouteOutputFlow } from '../route/output.ts';
import { RTCF_BROADCAST, RTCF_MULTICAST, skbRtable, type Route } from '../route/route.ts';
import { globalAllow, hostAllow, icmpAlloc, icmpChecksum, icmpPush } from './transmit.ts';

/** @kernel net/ipv4/icmp.c icmp_echo() @rfc 1122 3.2.2.6 */
export function icmpEcho(net: NetnsIpv4, skb: SkBuff): void {
  if (tracing.on) trace('icmp_echo', skb);
  if (net.sysctl.icmpEchoIgnoreAll) return;
  const route = icmpReplyRoute(net, skb, icmp.ECHO_REPLY);
  if (route === null) return;
  const reply = echoOf(skb, route);
  if (reply === null) {
    net.icmp.mib.counts[IcmpMib.IcmpOutErrors]++;
    return;
  }
  icmpReply(net, reply, route, ip.tos(skb));
}

/**
 * The same message with another type: one word of the checksum changes, and no byte of the data is touched. A large
 * message shares its fragments with the request, since it is cut up again anyway.
 */
function echoOf(skb: SkBuff, route: Route): SkBuff | null {
  const room = llReservedSpace(route.dev) + ip.LENGTH;
  const small = skb.len + ip.LENGTH <= route.mtu();
  const reply = small ? skbCopy(skb, room) : pskbCopy(skb, room);
  if (reply === null) return null;
  reply.resetTransportHeader();
  reply.dst = null;
  reply.dev = null;
  reply.ipSummed = 0;
  const changed = csumAdd(~icmp.check(skb) & 0xffff, ~(icmp.ECHO << 8) & 0xffff);
  icmp.setType(reply, icmp.ECHO_REPLY);
  icmp.setCheck(reply, csumFold(changed) || 0xffff); // 0 would be wrong for a message of nothing but zeros
  return reply;
}

/** @kernel net/ipv4/icmp.c icmp_timestamp() @rfc 1122 3.2.2.8 */
export function icmpTimestamp(net: NetnsIpv4, skb: SkBuff): void {
  if (skb.len < icmp.LENGTH + 12 || !skb.mayPull(icmp.LENGTH + 4)) {
    net.icmp.mib.counts[IcmpMib.IcmpInErrors]++;
    return;
  }
  const route = icmpReplyRoute(net, skb, icmp.TIMESTAMP_REPLY);
  const reply = route === null ? null : icmpAlloc(net, route, 12);
  if (route === null || reply === null) return;
  icmp.setType(reply, icmp.TIMESTAMP_REPLY);
  icmp.setCode(reply, 0);
  icmp.setGateway(reply, icmp.gateway(skb));
  const now = inetCurrentTimestamp(net);
  reply.setI32(icmp.LENGTH, skb.i32(icmp.LENGTH));
  reply.setI32(icmp.LENGTH + 4, now);
  reply.setI32(icmp.LENGTH + 8, now);
  icmpChecksum(reply);
  icmpReply(net, reply, route, ip.tos(skb));
}

/** The way back to who asked, from the address he asked (unless he asked everybody); null when the answer may not be. */
function icmpReplyRoute(net: NetnsIpv4, skb: SkBuff, type: number): Route | null {
  if (net.icmp.busy || !globalAllow(net, type, 0)) return null;
  const flow = net.icmpFlow;
  const toMany = (skbRtable(skb).flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0;
  flow.daddr = ip.saddr(skb);
  flow.saddr = toMany ? 0 : ip.daddr(skb);
  flow.protocol = IPPROTO_ICMP;
  flow.tos = ip.tos(skb);
  flow.mark = 0;
  flow.oif = 0;
  const route = ipRouteOutputFlow(net, flow);
  return route !== null && hostAllow(net, route, flow.daddr, type, 0) ? route : null;
}

/** @kernel net/ipv4/icmp.c icmp_reply() */
function icmpReply(net: NetnsIpv4, reply: SkBuff, route: Route, tos: number): void {
  const { saddr, daddr } = net.icmpFlow;
  net.icmp.busy = true;
  icmpPush(net, reply, route, saddr, daddr, tos, net.sysctl.ipDefaultTtl);
  net.icmp.busy = false;
}
