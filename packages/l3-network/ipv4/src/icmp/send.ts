import { icmp, ip, PACKET_HOST, skbCopyBits, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { IPPROTO_ICMP } from '../constants.ts';
import { IcmpMib } from '../mib/icmp-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRouteOutputFlow } from '../route/output.ts';
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, skbRtable, type Route } from '../route/route.ts';
import { globalAllow, hostAllow, icmpAlloc, icmpChecksum, icmpPush, isError } from './transmit.ts';

/** No error message is larger. @rfc 1812 4.3.2.3 */
const LARGEST_ERROR = 576;
/** Errors go before other traffic: precedence "internetwork control". */
const IPTOS_PREC_INTERNETCONTROL = 0xc0;
const IPTOS_MASK = 0x1e;

/**
 * Tells the sender of `skb` what became of it; only reads the packet, whose route must be set. `info` is the second word of
 * the message: MTU, gateway, or pointer in the first byte. Never about an ICMP error, a fragment but the first, or what
 * was sent to many.
 *
 * @kernel net/ipv4/icmp.c icmp_send()
 * @rfc 1122 3.2.2
 */
export function icmpSend(net: NetnsIpv4, skb: SkBuff, type: number, code: number, info: number): void {
  if (tracing.on) trace('icmp_send', skb, `type ${type} code ${code}`);
  if (skb.dst === null || !deservesError(skb)) return;
  const { icmp: state } = net;
  if (state.busy || !globalAllow(net, type, code)) return;
  state.busy = true;
  const rerouted = icmpRouteLookup(net, skb);
  if (rerouted !== null && hostAllow(net, rerouted, net.icmpFlow.daddr, type, code))
    sendError(net, skb, rerouted, type, code, info);
  state.busy = false;
}

function deservesError(skb: SkBuff): boolean {
  const route = skbRtable(skb);
  if (skb.pktType !== PACKET_HOST || (route.flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) return false;
  if ((ip.fragOff(skb) & ip.OFFSET_MASK) !== 0) return false;
  if (ip.protocol(skb) !== IPPROTO_ICMP) return true;
  const header = ip.headerLength(skb);
  if (skb.tail - skb.networkHeader < header + 1) return false;
  const quoted = skb.arena.u8[skb.networkHeader + header];
  return quoted <= 18 && !isError(quoted);
}

/** The way back to the sender; from the address he wrote to, if it is ours. @kernel net/ipv4/icmp.c icmp_route_lookup() */
function icmpRouteLookup(net: NetnsIpv4, skb: SkBuff): Route | null {
  const flow = net.icmpFlow;
  flow.daddr = ip.saddr(skb);
  flow.saddr = (skbRtable(skb).flags & RTCF_LOCAL) !== 0 ? ip.daddr(skb) : 0;
  flow.protocol = IPPROTO_ICMP;
  flow.tos = (ip.tos(skb) & IPTOS_MASK) | IPTOS_PREC_INTERNETCONTROL;
  flow.mark = 0;
  flow.oif = 0;
  return ipRouteOutputFlow(net, flow);
}

function sendError(net: NetnsIpv4, skb: SkBuff, route: Route, type: number, code: number, info: number): void {
  const behind = skb.data - skb.networkHeader;
  const room = Math.min(LARGEST_ERROR, route.mtu()) - ip.LENGTH - icmp.LENGTH;
  const quoted = Math.min(room, skb.len + behind);
  const error = icmpAlloc(net, route, quoted);
  if (error === null) {
    net.icmp.mib.counts[IcmpMib.IcmpOutErrors]++;
    return;
  }
  icmp.setType(error, type);
  icmp.setCode(error, code);
  icmp.setGateway(error, info);
  quote(skb, error.transportHeader + icmp.LENGTH, quoted, behind);
  icmpChecksum(error);
  const { saddr, daddr, tos } = net.icmpFlow;
  icmpPush(net, error, route, saddr, daddr, tos, net.sysctl.ipDefaultTtl);
}

/** The IP header and what follows; a layer above may have taken the header off already. @kernel net/ipv4/icmp.c icmp_glue_bits() */
function quote(skb: SkBuff, to: number, length: number, behind: number): void {
  if (behind <= 0) {
    skbCopyBits(skb, -behind, to, length);
    return;
  }
  const header = Math.min(behind, length);
  skb.arena.copy(to, skb.networkHeader, header);
  skbCopyBits(skb, 0, to + header, length - header);
}
