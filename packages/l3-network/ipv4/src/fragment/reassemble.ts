import { csumBlockAdd } from '@stack/memory';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_NONE,
  DropReason,
  ip,
  pskbExpandHead,
  skbClone,
  skbLinearize,
  skbMorph,
  type SkBuff,
} from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { IP_MAX_MTU } from '../constants.ts';
import { IPCB_FLAGS, IPCB_FRAG_MAX_SIZE, IPSKB_FRAG_PMTU } from '../ipcb.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipFragEcn } from './ecn.ts';
import type { FragQueue } from './frag-queue.ts';

/**
 * All fragments are here: the first becomes the datagram, the others its fragment list. `skb`, the fragment that came last,
 * becomes the whole, and keeps its route. False when that is not possible, and all are gone.
 *
 * @kernel net/ipv4/ip_fragment.c ip_frag_reasm()
 */
export function ipFragReasm(net: NetnsIpv4, queue: FragQueue, skb: SkBuff): boolean {
  const ecn = ipFragEcn(queue.ecn);
  const { dst } = skb;
  const length = ip.headerLength(queue.fragments[0]) + queue.len;
  const head = ecn < 0 || length > IP_MAX_MTU ? null : prepare(queue, skb);
  if (head === null) {
    net.mib.counts[IpMib.IpReasmFails]++;
    net.frags.kill(queue, DropReason.NOT_SPECIFIED);
    return false;
  }
  if (queue.fragments.length > 1) link(head, queue.fragments);
  head.push(head.data - head.networkHeader);
  head.dev = queue.dev;
  head.dst = dst;
  head.cb[IPCB_FRAG_MAX_SIZE] = Math.max(queue.maxDfSize, queue.maxSize);
  ip.setTotalLength(head, length);
  ip.setTos(head, ip.tos(head) | ecn);
  // If the largest fragment had DF, its sender looks for the path MTU, and DF stays.
  const df = queue.maxDfSize === queue.maxSize;
  if (df) head.cb[IPCB_FLAGS] |= IPSKB_FRAG_PMTU;
  ip.setFragOff(head, df ? ip.DF : 0);
  ip.sendCheck(head);
  net.frags.mem -= queue.truesize;
  queue.reset();
  net.frags.kill(queue, DropReason.NOT_SPECIFIED);
  net.mib.counts[IpMib.IpReasmOKs]++;
  if (tracing.on) trace('ip_frag_reasm', head, length);
  return true;
}

/** Makes `skb` the first fragment: what it was moves into a buffer of its own. @kernel net/ipv4/inet_fragment.c inet_frag_reasm_prepare() */
function prepare(queue: FragQueue, skb: SkBuff): SkBuff | null {
  const { fragments } = queue;
  const [first] = fragments;
  if (first !== skb) {
    fragments[fragments.indexOf(skb)] = skbClone(skb);
    skbMorph(skb, first);
    fragments[0] = skb;
    first.consume();
  }
  return own(skb) ? skb : null;
}

/** The head must not be shared, and must have no fragment list yet. */
function own(head: SkBuff): boolean {
  if (head.isCloned && !pskbExpandHead(head, 0, 0)) return false;
  return head.shinfo.fragList === null || skbLinearize(head);
}

/** @kernel net/ipv4/inet_fragment.c inet_frag_reasm_finish() */
function link(head: SkBuff, fragments: readonly SkBuff[]): void {
  let last: SkBuff | null = null;
  for (let i = 1; i < fragments.length; i++) {
    const part = fragments[i];
    if (part.ipSummed !== head.ipSummed) head.ipSummed = CHECKSUM_NONE;
    else if (head.ipSummed === CHECKSUM_COMPLETE) head.csum = csumBlockAdd(head.csum, part.csum, head.len);
    part.dst = null;
    part.next = null;
    if (last === null) head.shinfo.fragList = part;
    else last.next = part;
    last = part;
    head.len += part.len;
    head.dataLen += part.len;
    head.truesize += part.truesize;
  }
}
