import { ipSkAcceptPmtu } from '@stack/ipv4';
import { icmp, udp as header, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { hearIcmpError } from './datagram/icmp-error.ts';
import { tellError } from './datagram/tell-error.ts';
import type { UdpState } from './udp-state.ts';

/**
 * An ICMP error about a datagram of ours; `data` is at the IP header it quotes.
 *
 * @kernel net/ipv4/udp.c udp_err()
 */
export function udpErr(udp: UdpState, skb: SkBuff, type: number, code: number, info: number): void {
  if (tracing.on) trace('udp_err', skb);
  const at = (skb.u8(0) & 0x0f) << 2;
  const source = skb.i32(12);
  const destination = skb.i32(16);
  const sk = udp.table.lookup(destination, skb.u16(at + 2), source, skb.u16(at), skb.dev?.ifindex ?? 0);
  if (sk === null) return;
  if (type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED && ipSkAcceptPmtu(sk))
    udp.ip.updatePmtu(destination, info);
  if (sk.settings.recvErr) hearIcmpError(sk, skb, type, code, info, at + header.LENGTH);
  else tellError(sk, type, code);
}
