import { ENOMEM } from '@stack/plugin';
import { skbSplit, tcp as th, type SkbQueue, type SkBuff } from '@stack/skb';
import { skWmemQueuedAdd } from '@stack/sock';
import {
  DELIVERED,
  DELIVERED_US,
  END_SEQ,
  FIRST_US,
  FLAGS,
  PCOUNT,
  SACKED,
  SEQ,
  TX_BITS,
  TX_MS,
  TX_US,
  TXF_ACK_STAMP,
  TXF_EOR,
} from '../cb.ts';
import { tcpAdjustPcount } from '../flight.ts';
import { before } from '../seq.ts';
import { tcpFragmentTstamp, tcpHasTxTstamp } from '../stamps/stamps.ts';
import type { TcpSock } from '../sock.ts';
import { tcpStreamAllocSkb } from './alloc.ts';
import { tcpSetSkbTsoSegs } from './segments.ts';

/**
 * Cuts a buffer of `queue` in two after `length` bytes; the second part is queued behind it. PSH and FIN go with the
 * second part. 0, or -ENOMEM with nothing changed.
 *
 * @kernel net/ipv4/tcp_output.c tcp_fragment()
 * @kernel net/ipv4/tcp_output.c tso_fragment()
 */
export function tcpFragment(sk: TcpSock, queue: SkbQueue, skb: SkBuff, length: number, mss: number): number {
  const rest = tcpStreamAllocSkb(sk.tcp);
  if (rest === null) return -ENOMEM;
  const moved = skb.len - length;
  const { truesize } = skb;
  if (!skbSplit(skb, rest, length)) {
    rest.consume();
    return -ENOMEM;
  }
  skWmemQueuedAdd(sk, rest.truesize);
  rest.truesize += moved;
  skb.truesize = truesize - moved; // as charged, even if the head had to be replaced
  splitControl(skb, rest, length);
  const was = skb.cb[PCOUNT];
  const now = tcpSetSkbTsoSegs(skb, mss) + tcpSetSkbTsoSegs(rest, mss);
  if (!before(sk.snd.nxt, rest.cb[END_SEQ]) && was !== now) tcpAdjustPcount(sk, skb, was - now);
  queue.insertAfter(skb, rest);
  return 0;
}

function splitControl(skb: SkBuff, rest: SkBuff, length: number): void {
  const from = skb.cb;
  const to = rest.cb;
  to[SEQ] = from[SEQ] + length;
  to[END_SEQ] = from[END_SEQ];
  from[END_SEQ] = to[SEQ];
  to[FLAGS] = from[FLAGS];
  from[FLAGS] &= ~(th.FIN | th.PSH);
  to[SACKED] = from[SACKED];
  to[TX_US] = from[TX_US];
  to[TX_MS] = from[TX_MS];
  to[FIRST_US] = from[FIRST_US];
  to[DELIVERED_US] = from[DELIVERED_US];
  to[DELIVERED] = from[DELIVERED];
  to[TX_BITS] = from[TX_BITS];
  from[TX_BITS] &= ~TXF_EOR;
  to[TX_BITS] &= ~TXF_ACK_STAMP;
  if (tcpHasTxTstamp(skb)) tcpFragmentTstamp(skb, rest);
}
