import type { SkBuff, SkbQueue } from '@stack/skb';
import { cb, type TcpSock } from '@stack/tcp';
import { must } from '../violation.ts';

/** What the queue of what is in flight says, counted by walking it. */
interface Counted {
  segments: number;
  sacked: number;
  lost: number;
  again: number;
  truesize: number;
}

/** The send queues hold one unbroken sequence from `una` to `writeSeq`, and every count says what they hold. */
export function checkSending(sk: TcpSock, who: string): void {
  const { snd, cc } = sk;
  const loss = sk.lossSeen;
  must(((snd.nxt - snd.una) | 0) >= 0, () => `${who}: snd.nxt ${snd.nxt} is below snd.una ${snd.una}`);
  must(((snd.writeSeq - snd.nxt) | 0) >= 0, () => `${who}: writeSeq ${snd.writeSeq} is below snd.nxt ${snd.nxt}`);
  must(cc.cwnd >= 1 && Number.isInteger(cc.cwnd), () => `${who}: a congestion window of ${cc.cwnd}`);
  must(cc.ssthresh >= 1, () => `${who}: a slow start threshold of ${cc.ssthresh}`);
  const counted = countFlight(sk, loss.rtxQueue, who);
  let truesize = counted.truesize;
  if (sk.hasUnsent) truesize += checkUnsent(sk, who);
  must(truesize === sk.wmemQueued, () => `${who}: wmemQueued is ${sk.wmemQueued}, the queues hold ${truesize}`);
  checkCounts(sk, counted, who);
}

function countFlight(sk: TcpSock, queue: SkbQueue, who: string): Counted {
  const { snd } = sk;
  const counted: Counted = { segments: 0, sacked: 0, lost: 0, again: 0, truesize: 0 };
  let last: SkBuff | null = null;
  for (let skb = queue.first; skb !== null; skb = skb.next) {
    const seq = skb.cb[cb.SEQ];
    const from = last === null ? snd.una : last.cb[cb.END_SEQ];
    const gap = (seq - from) | 0;
    must(last === null ? gap <= 0 : gap === 0, () => `${who}: a hole of ${gap} in the retransmit queue at ${seq}`);
    countOne(counted, skb, who);
    last = skb;
  }
  if (last === null) return counted;
  const end = last.cb[cb.END_SEQ];
  must(end === snd.nxt, () => `${who}: the retransmit queue ends at ${end}, snd.nxt is ${snd.nxt}`);
  const head = queue.first!.cb[cb.END_SEQ];
  must(
    ((head - snd.una) | 0) > 0,
    () => `${who}: what is acknowledged is still in the retransmit queue, up to ${head}`,
  );
  return counted;
}

function countOne(counted: Counted, skb: SkBuff, who: string): void {
  const segments = skb.cb[cb.PCOUNT];
  const marks = skb.cb[cb.SACKED];
  const sacked = (marks & cb.TCPCB_SACKED_ACKED) !== 0;
  const lost = (marks & cb.TCPCB_LOST) !== 0;
  must(segments >= 1, () => `${who}: a buffer of ${segments} segments is in flight`);
  must(!(sacked && lost), () => `${who}: ${skb.cb[cb.SEQ]} counts as SACKed and as lost`);
  counted.segments += segments;
  counted.truesize += skb.truesize;
  if (sacked) counted.sacked += segments;
  if (lost) counted.lost += segments;
  if ((marks & cb.TCPCB_SACKED_RETRANS) !== 0) counted.again += segments;
}

/** Returns what it costs. */
function checkUnsent(sk: TcpSock, who: string): number {
  let truesize = 0;
  let at = sk.snd.nxt;
  for (let skb = sk.writeQueue.first; skb !== null; skb = skb.next) {
    const seq = skb.cb[cb.SEQ];
    must(seq === at, () => `${who}: the write queue goes on at ${seq} instead of ${at}`);
    at = skb.cb[cb.END_SEQ];
    truesize += skb.truesize;
  }
  must(at === sk.snd.writeSeq, () => `${who}: the write queue ends at ${at}, writeSeq is ${sk.snd.writeSeq}`);
  return truesize;
}

function checkCounts(sk: TcpSock, counted: Counted, who: string): void {
  const { snd } = sk;
  const loss = sk.lossSeen;
  const expect = (name: string, is: number, queue: number): void =>
    must(is === queue, () => `${who}: ${name} is ${is}, the retransmit queue has ${queue}`);
  expect('packetsOut', snd.packetsOut, counted.segments);
  expect('lostOut', loss.lostOut, counted.lost);
  expect('retransOut', loss.retransOut, counted.again);
  // Without SACK it is the duplicate ACKs that are counted.
  if (sk.opt.sackOk !== 0) expect('sackedOut', loss.sackedOut, counted.sacked);
  const inFlight = snd.packetsOut - loss.sackedOut - loss.lostOut + loss.retransOut;
  must(loss.sackedOut >= 0, () => `${who}: sackedOut is ${loss.sackedOut}`);
  must(inFlight >= 0, () => `${who}: ${inFlight} packets in flight`);
}
