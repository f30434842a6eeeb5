import { isIpv4, ip, pskbExpandHead, type SkBuff } from '@stack/skb';

const ECN_MASK = 3;

/** Clears the DS field and leaves ECN, with the header's checksum kept right. @kernel net/sched/sch_cake.c cake_handle_diffserv() */
export function washDscp(skb: SkBuff): void {
  if (!isIpv4(skb)) return;
  const tos = ip.tos(skb);
  const left = tos & ECN_MASK;
  if (left === tos || (skb.headerCloned && !pskbExpandHead(skb, 0, 0))) return;
  ip.setTos(skb, left);
  // RFC 1624: the field shrank, so the complement of the sum grows.
  const sum = ip.check(skb) + (tos - left);
  ip.setCheck(skb, sum > 0xffff ? sum - 0xffff : sum);
}
