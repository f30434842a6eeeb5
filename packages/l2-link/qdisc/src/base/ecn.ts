import { isIpv4, ip, pskbExpandHead, type SkBuff } from '@stack/skb';

/** @kernel include/net/inet_ecn.h INET_ECN_MASK */
const ECN_MASK = 3;
const ECN_CE = 3;

/**
 * Marks a packet as one that met congestion, with the header's checksum kept right. False when its transport does not
 * understand marks, so that it has to be dropped.
 *
 * @kernel include/net/inet_ecn.h INET_ECN_set_ce()
 * @rfc 3168 5
 */
export function inetEcnSetCe(skb: SkBuff): boolean {
  if (!isIpv4(skb)) return false;
  const tos = ip.tos(skb);
  const ecn = tos & ECN_MASK;
  if (ecn === 0) return false;
  if (ecn === ECN_CE) return true;
  if (skb.headerCloned && !pskbExpandHead(skb, 0, 0)) return false;
  ip.setTos(skb, tos | ECN_CE);
  // RFC 1624: the field grew by ECN_CE - ecn, so the complement of the sum shrinks by it.
  const sum = ip.check(skb) - (ECN_CE - ecn);
  ip.setCheck(skb, sum < 0 ? sum + 0xffff : sum);
  return true;
}

/** The DS field with its ECN bits; -1 of a packet without one. @kernel include/net/inet_ecn.h skb_get_dsfield() */
export function dsFieldOf(skb: SkBuff): number {
  return isIpv4(skb) ? ip.tos(skb) : -1;
}
