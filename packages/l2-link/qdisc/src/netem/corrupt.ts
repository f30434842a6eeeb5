import type { Random } from '@stack/clock';
import { skbChecksumHelp } from '@stack/netdev';
import { CHECKSUM_PARTIAL, pskbExpandHead, type SkBuff } from '@stack/skb';

/** Turns one bit of the packet over, so that its checksum is wrong. False when memory is lacking. */
export function corrupt(skb: SkBuff, random: Random): boolean {
  if (skb.ipSummed === CHECKSUM_PARTIAL && !skbChecksumHelp(skb)) return false;
  if (skb.isCloned && !pskbExpandHead(skb, 0, 0)) return false;
  const at = random.below(skb.headlen);
  skb.setU8(at, skb.u8(at) ^ (1 << random.below(8)));
  return true;
}
