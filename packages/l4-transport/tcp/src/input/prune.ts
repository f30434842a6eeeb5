import { DropReason, SkbQueue, skbCopyBits, tcp as th, type SkBuff } from '@stack/skb';
import { skbSetOwnerR, skRmemSchedule } from '@stack/sock';
import { END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { TcpExt } from '../mib.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpAdjustRcvSsthresh } from '../win.ts';
import { tcpClampWindow } from './rcvbuf.ts';

/** Data of a packet made by {@link collapse}: as much as a page holds beside the kernel's own needs. */
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

/** Whether a packet is mostly overhead. */
function bloated(skb: SkBuff): boolean {
  return skb.truesize > 2 * skb.len && (skb.cb[FLAGS] & (th.SYN | th.FIN)) === 0;
}

/** Copies runs of small packets together. @kernel net/ipv4/tcp_input.c tcp_collapse() */
function collapse(sk: TcpSock, queue: SkbQueue): void {
  for (let skb = queue.first; skb !== null;) {
    const next: SkBuff | null = skb.next;
    if (next !== null && bloated(skb) && bloated(next) && skb.cb[END_SEQ] === next.cb[SEQ]) {
      skb = collapseRun(sk, queue, skb);
      if (skb === null) return;
    } else {
      skb = next;
    }
  }
}

/** Collapses the run that begins at `first`; returns what follows it, null when there is no memory. */
function collapseRun(sk: TcpSock, queue: SkbQueue, first: SkBuff): SkBuff | null {
  const copy = sk.tcp.pool.alloc(COLLAPSED);
  if (copy === null) return null;
  copy.cb.set(first.cb);
  queue.insertAfter(first, copy);
  let skb: SkBuff | null = first;
  let at = first.cb[SEQ];
  while (skb !== null && bloated(skb) && copy.len + skb.len <= COLLAPSED && skb.cb[SEQ] === at) {
    const next: SkBuff | null = skb === first ? copy.next : skb.next;
    at = skb.cb[END_SEQ];
    skbCopyBits(skb, 0, copy.put(skb.len), skb.len);
    copy.cb[FLAGS] |= skb.cb[FLAGS];
    queue.remove(skb);
    skb.consume();
    sk.tcp.mib.ext[TcpExt.TCPRcvCollapsed]++;
    skb = next;
  }
  copy.cb[END_SEQ] = at;
  skbSetOwnerR(copy, sk);
  return copy.next;
}
