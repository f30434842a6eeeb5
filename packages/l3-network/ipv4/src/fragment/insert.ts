import type { SkBuff } from '@stack/skb';
import { IPCB_OFFSET } from '../ipcb.ts';

/** @kernel include/net/inet_frag.h IPFRAG_OK */
export const IPFRAG_OK = 0;
/** All of it is here already. */
export const IPFRAG_DUP = 1;
/** Part of it is here already. */
export const IPFRAG_OVERLAP = 2;

/**
 * Puts a fragment's data, bytes `offset` to `end` of the datagram, in its place.
 *
 * @kernel net/ipv4/inet_fragment.c inet_frag_queue_insert()
 */
export function inetFragQueueInsert(fragments: SkBuff[], skb: SkBuff, offset: number, end: number): number {
  const after = firstBehind(fragments, offset);
  const before = after - 1;
  if (before >= 0 && endOf(fragments[before]) > offset) {
    return end <= runEnd(fragments, before) ? IPFRAG_DUP : IPFRAG_OVERLAP;
  }
  if (after < fragments.length && fragments[after].cb[IPCB_OFFSET] < end) return IPFRAG_OVERLAP;
  if (after === fragments.length) fragments.push(skb);
  else fragments.splice(after, 0, skb);
  return IPFRAG_OK;
}

/** Index of the first fragment that begins behind `offset`. Mostly they come in order, and it is the end. */
function firstBehind(fragments: SkBuff[], offset: number): number {
  let high = fragments.length;
  if (high === 0 || fragments[high - 1].cb[IPCB_OFFSET] <= offset) return high;
  let low = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (fragments[middle].cb[IPCB_OFFSET] <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the data end that lie without a gap from this fragment on. */
function runEnd(fragments: SkBuff[], from: number): number {
  let end = endOf(fragments[from]);
  for (let i = from + 1; i < fragments.length && fragments[i].cb[IPCB_OFFSET] === end; i++) end = endOf(fragments[i]);
  return end;
}

function endOf(skb: SkBuff): number {
  return skb.cb[IPCB_OFFSET] + skb.len;
}
