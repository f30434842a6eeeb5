import { icmp, ip, type SkBuff } from '@stack/skb';
import { EHOSTUNREACH, EMSGSIZE, ENOBUFS } from '@stack/plugin';
import { trace, tracing } from '@stack/trace';
import { IP_MAX_MTU, IPPROTO_ICMP } from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRouteOutputFlow } from '../route/output.ts';
import { icmpAlloc, icmpChecksum, icmpPush } from './transmit.ts';

/** An echo request to send. */
export interface EchoRequest {
  /** int32. */
  readonly daddr: number;
  /** 0 to 65,535; see {@link IcmpState.listen}. */
  readonly id: number;
  readonly sequence: number;
  /** Comes back in the reply. */
  readonly payload: Uint8Array;
  /** 1 to 255; the host's default when left out. */
  readonly ttl?: number;
}

/**
 * Sends an echo request. 0 or a negative errno.
 *
 * @kernel net/ipv4/ping.c ping_v4_sendmsg()
 */
export function pingSend(net: NetnsIpv4, request: EchoRequest): number {
  const { payload } = request;
  const flow = { daddr: request.daddr, saddr: 0, protocol: IPPROTO_ICMP, tos: 0, mark: 0, oif: 0 };
  if (payload.length > IP_MAX_MTU - ip.LENGTH - icmp.LENGTH) return -EMSGSIZE;
  const cpu = net.core.cpus.boot;
  cpu.localBhDisable();
  const route = ipRouteOutputFlow(net, flow);
  const skb = route === null ? null : icmpAlloc(net, route, payload.length);
  let result = route === null ? net.routeError || -EHOSTUNREACH : -ENOBUFS;
  if (route !== null && skb !== null) {
    icmp.setType(skb, icmp.ECHO);
    icmp.setCode(skb, 0);
    icmp.setId(skb, request.id);
    icmp.setSequence(skb, request.sequence);
    net.arena.u8.set(payload, skb.transportHeader + icmp.LENGTH);
    icmpChecksum(skb);
    result = icmpPush(net, skb, route, flow.saddr, flow.daddr, 0, request.ttl ?? net.sysctl.ipDefaultTtl);
  }
  cpu.localBhEnable();
  return Math.min(result, 0);
}

/** A reply came: to who asked. @kernel net/ipv4/ping.c ping_rcv() */
export function pingRcv(net: NetnsIpv4, skb: SkBuff): void {
  if (tracing.on) trace('ping_rcv', skb);
  net.icmp.listener(icmp.id(skb))?.reply(skb);
}

/** An error about an echo request of ours; `data` is at the IP header it quotes. @kernel net/ipv4/ping.c ping_err() */
export function pingErr(net: NetnsIpv4, skb: SkBuff, type: number, code: number): void {
  const quoted = (skb.u8(0) & 0x0f) << 2;
  if (skb.u8(quoted) !== icmp.ECHO) return;
  net.icmp.listener(skb.u16(quoted + 4))?.error(type, code, ip.saddr(skb), skb.u16(quoted + 6));
}
