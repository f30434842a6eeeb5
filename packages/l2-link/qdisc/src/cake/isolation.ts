import { isIpv4, hash3Words, skbGetHash, ip, type SkBuff } from '@stack/skb';

export const ISOLATIONS = [
  'flowblind', 'srchost', 'dsthost', 'hosts', 'flows', 'dual-srchost', 'dual-dsthost', 'triple-isolate',
] as const; // prettier-ignore

/** What gets a fair share: flows, hosts, or flows within hosts. */
export type Isolation = (typeof ISOLATIONS)[number];

/** The hash of what shares a queue. @kernel net/sched/sch_cake.c cake_hash() */
export function cakeHash(skb: SkBuff, isolation: Isolation): number {
  switch (isolation) {
    case 'flowblind':
      return 1;
    case 'srchost':
      return sourceHash(skb);
    case 'dsthost':
      return destinationHash(skb);
    case 'hosts':
      return hash3Words(sourceHash(skb), destinationHash(skb), 0);
    default:
      return skbGetHash(skb);
  }
}

export function sourceHash(skb: SkBuff): number {
  return isIpv4(skb) ? hash3Words(ip.saddr(skb), 1, 0) : 1;
}

export function destinationHash(skb: SkBuff): number {
  return isIpv4(skb) ? hash3Words(ip.daddr(skb), 2, 0) : 1;
}

/** Whether flows of one source, or to one destination, share what one flow would get. */
export function fairBySource(isolation: Isolation): boolean {
  return isolation === 'dual-srchost' || isolation === 'triple-isolate';
}

export function fairByDestination(isolation: Isolation): boolean {
  return isolation === 'dual-dsthost' || isolation === 'triple-isolate';
}
