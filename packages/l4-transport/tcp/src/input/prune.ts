import { DropReason, SkbQueue, skbCopyBits, tcp as th, type SkBuff } from '@stack/skb';
import { skbSetOwnerR, skRmemSchedule } from '@stack/sock';
import { END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { TcpExt } from '../mib.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpAdjustRcvSsthresh, tcpWinFromSpace } from '../win.ts';
import { tcpClampWindow } from './rcvbuf.ts';

/** Data of a packet made by {@link collapse} at most: as much as a page holds beside the kernel's own needs. */
const COLLAPSED = 3776;

/**
 * Whether the buffer bears one more segment. Its data count, not its truesize: a small one, dear by its overhead, may
 * fill the window that was offered.
 *
 * @kernel net/ipv4/tcp_input.c tcp_can_ingest()
 */
function tcpCanIngest(sk: TcpSock, skb: SkBuff): boolean {
  return sk.rmemAlloc + skb.len <= sk.rcvbuf;
}

/** Whether there is memory for a segment received; makes some if not. @kernel net/ipv4/tcp_input.c tcp_try_rmem_schedule() */
export function tcpTryRmemSchedule(sk: TcpSock, skb: SkBuff): boolean {
  if (tcpCanIngest(sk, skb) && skRmemSchedule(sk, skb.truesize)) return true;
  if (!tcpPruneQueue(sk, skb)) return false;
  while (!skRmemSchedule(sk, skb.truesize)) {
    if (!tcpPruneOfoQueue(sk, skb)) return false;
  }
  return true;
}

/** The buffer is full: collapses small packets, then gives up those out of order. @kernel net/ipv4/tcp_input.c tcp_prune_queue() */
function tcpPruneQueue(sk: TcpSock, skb: SkBuff): boolean {
  if (sk.rmemAlloc === 0) return false; // there is nothing to give up
  const { ext } = sk.tcp.mib;
  ext[TcpExt.PruneCalled]++;
  if (!tcpCanIngest(sk, skb)) tcpClampWindow(sk);
  else if (sk.memory.underPressure) tcpAdjustRcvSsthresh(sk);
  if (tcpCanIngest(sk, skb)) return true;
  if (sk.disorder !== null) collapse(sk, sk.disorder.ofo);
  collapse(sk, sk.receiveQueue);
  if (tcpCanIngest(sk, skb)) return true;
  tcpPruneOfoQueue(sk, skb);
  if (tcpCanIngest(sk, skb)) return true;
  ext[TcpExt.RcvPruned]++;
  sk.predFlags = 0; // the slow path, until there is memory again
  return false;
}

/** Drops packets out of order, the last ones first, until an eighth of the buffer is free. @kernel net/ipv4/tcp_input.c tcp_prune_ofo_queue() */
function tcpPruneOfoQueue(sk: TcpSock, skb: SkBuff): boolean {
  const { disorder } = sk;
  if (disorder === null || disorder.ofo.empty) return false;
  const { ofo } = disorder;
  const goal = sk.rmemAlloc - (sk.rcvbuf >> 3);
  let pruned = false;
  for (let last = ofo.last; last !== null; last = ofo.last) {
    if (after(skb.cb[SEQ], last.cb[SEQ]) && pruned) break;
    ofo.remove(last);
    last.drop(DropReason.TCP_OFO_QUEUE_PRUNE);
    pruned = true;
    if (tcpCanIngest(sk, skb) && sk.rmemAlloc <= goal) break;
  }
  sk.tcp.mib.ext[TcpExt.OfoPruned]++;
  // What was SACKed is gone, so SACK no more of it: the sender must learn.
  disorder.count = 0;
  return pruned;
}

/** Whether a packet costs more than its share of the window. SYN and FIN take numbers without data. */
function bloated(sk: TcpSock, skb: SkBuff): boolean {
  return movable(skb) && tcpWinFromSpace(sk, skb.truesize) > skb.len;
}

function movable(skb: SkBuff): boolean {
  return (skb.cb[FLAGS] & (th.SYN | th.FIN)) === 0;
}

/** From the first packet on that is mostly overhead, copies data into packets that are full. @kernel net/ipv4/tcp_input.c tcp_collapse() */
function collapse(sk: TcpSock, queue: SkbQueue): void {
  let skb = queue.first;
  while (skb !== null && !bloated(sk, skb)) skb = skb.next;
  let last: SkBuff | null = null;
  while (skb !== null && movable(skb)) {
    const next: SkBuff | null = skb.next;
    if (last !== null && last.cb[END_SEQ] !== skb.cb[SEQ]) last = null; // a hole
    last = move(sk, queue, skb, last);
    if (last === null) return;
    skb = next;
  }
}

/** Fills up `last`, and puts copies of the rest of `skb` into its place. The last copy, or null without memory: then all is as it was. */
function move(sk: TcpSock, queue: SkbQueue, skb: SkBuff, last: SkBuff | null): SkBuff | null {
  const held = last === null ? 0 : Math.min(last.tailroom, skb.len);
  const copies = copiesOf(sk, skb, held, queue.last!.cb[END_SEQ]);
  if (copies === null) return null;
  if (last !== null) take(skb, 0, last, held);
  let [place, at] = [skb, held];
  for (const copy of copies) {
    const size = Math.min(COLLAPSED, skb.len - at);
    copy.cb[SEQ] = copy.cb[END_SEQ] = (skb.cb[SEQ] + at) | 0;
    take(skb, at, copy, size);
    queue.insertAfter(place, copy);
    skbSetOwnerR(copy, sk);
    [place, at] = [copy, at + size];
  }
  queue.remove(skb);
  skb.consume();
  sk.tcp.mib.ext[TcpExt.TCPRcvCollapsed]++;
  return place === skb ? last : place;
}

/** Empty packets for what `skb` holds from `at` on, with room for what follows it up to `end`; null without memory. */
function copiesOf(sk: TcpSock, skb: SkBuff, at: number, end: number): SkBuff[] | null {
  const copies: SkBuff[] = [];
  for (let from = at; from < skb.len; from += COLLAPSED) {
    const copy = sk.tcp.pool.alloc(Math.min((end - skb.cb[SEQ] - from) | 0, COLLAPSED));
    if (copy === null) {
      for (const each of copies) each.consume();
      return null;
    }
    copy.cb.set(skb.cb);
    copies.push(copy);
  }
  return copies;
}

/** Copies `size` bytes of `skb` from `at` to the end of `copy`. */
function take(skb: SkBuff, at: number, copy: SkBuff, size: number): void {
  skbCopyBits(skb, at, copy.put(size), size);
  copy.cb[END_SEQ] = (copy.cb[END_SEQ] + size) | 0;
}
