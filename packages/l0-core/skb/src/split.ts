import { pskbExpandHead } from './expand.ts';
import type { SkBuff } from './skbuff.ts';
import { skbZerocopyClone } from './zerocopy.ts';

/**
 * Moves everything from byte `length` on into `rest`, an empty buffer with room for what of it is linear. Fragments
 * move or are shared, never copied. False when memory is lacking. `truesize` is left to the caller.
 *
 * @kernel net/core/skbuff.c skb_split()
 */
export function skbSplit(skb: SkBuff, rest: SkBuff, length: number): boolean {
  if (skb.isCloned && !pskbExpandHead(skb, 0, 0)) return false;
  const linear = skb.headlen;
  const moved = Math.max(0, linear - length);
  if (moved > 0) {
    skb.arena.copy(rest.put(moved), skb.data + length, moved);
    skb.tail -= moved;
  }
  splitFrags(skb, rest, Math.max(0, length - linear));
  skbZerocopyClone(rest, skb);
  const total = skb.len;
  skb.len = length;
  skb.dataLen = Math.max(0, length - linear);
  rest.dataLen = total - length - moved;
  rest.len = total - length;
  return true;
}

/** Leaves `keep` bytes of fragments with `skb` and gives the others to `rest`. */
function splitFrags(skb: SkBuff, rest: SkBuff, keep: number): void {
  const from = skb.shinfo;
  const to = rest.shinfo;
  let left = keep;
  let kept = 0;
  let given = 0;
  for (let i = 0; i < from.nrFrags; i++) {
    const size = from.fragSize[i];
    const stays = Math.min(left, size);
    left -= stays;
    if (stays < size) {
      if (stays > 0) skb.arena.hold(from.fragPage[i]);
      to.fragPage[given] = from.fragPage[i];
      to.fragOffset[given] = from.fragOffset[i] + stays;
      to.fragSize[given] = size - stays;
      given++;
    }
    if (stays > 0) {
      from.fragSize[i] = stays;
      kept++;
    }
  }
  from.nrFrags = kept;
  to.nrFrags = given;
}
