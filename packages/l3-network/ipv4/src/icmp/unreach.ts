import type { NetDevice } from '@stack/netdev';
import { icmp, ip, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { RTN_BROADCAST } from '../constants.ts';
import { IcmpMib } from '../mib/icmp-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipDoRedirect } from '../route/redirected.ts';

/** Bytes of the transport header that an error quotes at least. */
const QUOTED = 8;

/**
 * An error about a packet of ours: its protocol is told.
 *
 * @kernel net/ipv4/icmp.c icmp_unreach()
 * @rfc 1122 3.2.2.1
 */
export function icmpUnreach(net: NetnsIpv4, skb: SkBuff, type: number): void {
  if (tracing.on) trace('icmp_unreach', skb);
  const code = icmp.code(skb);
  const info = infoOf(skb, type, code);
  if (!stripToQuoted(net, skb)) return;
  if (type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED && net.sysctl.ipNoPmtuDisc >= 2) return;
  if (type === icmp.TIME_EXCEEDED && code === icmp.EXC_FRAGTIME) return;
  // A broken router may answer what was sent to everybody.
  const quotedDaddr = skb.i32(16);
  if (net.sysctl.icmpIgnoreBogusErrorResponses && net.fib.addressType(quotedDaddr, null) === RTN_BROADCAST) return;
  icmpSocketDeliver(net, skb, type, code, info);
}

/** MTU, or the offset of the byte that was wrong. */
function infoOf(skb: SkBuff, type: number, code: number): number {
  if (type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED) return icmp.mtu(skb);
  if (type === icmp.PARAMETER_PROBLEM) return icmp.gateway(skb) >>> 24;
  return 0;
}

/**
 * A router knows a better next hop for a destination of ours.
 *
 * @kernel net/ipv4/icmp.c icmp_redirect()
 * @rfc 1122 3.2.2.2
 */
export function icmpRedirect(net: NetnsIpv4, skb: SkBuff): void {
  const code = icmp.code(skb);
  const gateway = icmp.gateway(skb);
  const router = ip.saddr(skb);
  if (!stripToQuoted(net, skb)) return;
  if (code > 3) return;
  ipDoRedirect(net, skb.i32(16), gateway, router, skb.dev as NetDevice);
  icmpSocketDeliver(net, skb, icmp.REDIRECT, code, gateway);
}

/** `data` to the IP header that is quoted; false when it is not whole. */
function stripToQuoted(net: NetnsIpv4, skb: SkBuff): boolean {
  if (skb.mayPull(icmp.LENGTH + ip.LENGTH)) {
    skb.pull(icmp.LENGTH);
    const header = (skb.u8(0) & 0x0f) << 2;
    if (header >= ip.LENGTH && skb.mayPull(header + QUOTED)) return true;
  }
  net.icmp.mib.counts[IcmpMib.IcmpInErrors]++;
  return false;
}

/** @kernel net/ipv4/icmp.c icmp_socket_deliver() */
function icmpSocketDeliver(net: NetnsIpv4, skb: SkBuff, type: number, code: number, info: number): void {
  net.protocols.get(skb.u8(9))?.errHandler?.(skb, type, code, info);
}
