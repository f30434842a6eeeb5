import { icmp, type SkBuff } from '@stack/skb';
import type { NetnsIpv4 } from '../netns.ts';
import { ipRtUpdatePmtu } from '../route/pmtu.ts';
import { pingErr } from './ping.ts';

/** An error about an ICMP message of ours; `data` is at the IP header it quotes. @kernel net/ipv4/icmp.c icmp_err() */
export function icmpErr(net: NetnsIpv4, skb: SkBuff, type: number, code: number, info: number): void {
  if (type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED) ipRtUpdatePmtu(net, skb.i32(16), info);
  pingErr(net, skb, type, code);
}
