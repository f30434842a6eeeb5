import { cb, type TcpSock } from '@stack/tcp';
import { must } from '../violation.ts';

/** What came in order reaches unbroken to `rcv.nxt`, what came out of order lies beyond, and both are paid for. */
export function checkReceiving(sk: TcpSock, who: string): void {
  const { rcv } = sk;
  must(((rcv.nxt - rcv.copiedSeq) | 0) >= 0, () => `${who}: copiedSeq ${rcv.copiedSeq} is ahead of rcv.nxt ${rcv.nxt}`);
  must(((rcv.nxt - rcv.wup) | 0) >= 0, () => `${who}: rcv.wup ${rcv.wup} is ahead of rcv.nxt ${rcv.nxt}`);
  must(rcv.wnd >= 0, () => `${who}: a receive window of ${rcv.wnd}`);
  const truesize = checkInOrder(sk, who) + checkOutOfOrder(sk, who);
  must(truesize === sk.rmemAlloc, () => `${who}: rmemAlloc is ${sk.rmemAlloc}, the queues hold ${truesize}`);
}

function checkInOrder(sk: TcpSock, who: string): number {
  if (!sk.hasReceived) return 0;
  let truesize = 0;
  let at = sk.rcv.copiedSeq;
  for (let skb = sk.receiveQueue.first; skb !== null; skb = skb.next) {
    const seq = skb.cb[cb.SEQ];
    const end = skb.cb[cb.END_SEQ];
    must(((seq - at) | 0) <= 0, () => `${who}: a hole in the receive queue before ${seq}`);
    must(((end - at) | 0) > 0, () => `${who}: nothing new in the receive queue at ${seq}`);
    at = end;
    truesize += skb.truesize;
  }
  must(at === sk.rcv.nxt, () => `${who}: the receive queue ends at ${at}, rcv.nxt is ${sk.rcv.nxt}`);
  return truesize;
}

function checkOutOfOrder(sk: TcpSock, who: string): number {
  if (!sk.hasHoles) return 0;
  let truesize = 0;
  let seq = sk.rcv.nxt;
  let end = sk.rcv.nxt;
  for (let skb = sk.disorder!.ofo.first; skb !== null; skb = skb.next) {
    const [from, to] = [skb.cb[cb.SEQ], skb.cb[cb.END_SEQ]];
    must(((from - seq) | 0) > 0, () => `${who}: ${from} is out of place in the out-of-order queue, after ${seq}`);
    must(((to - end) | 0) > 0, () => `${who}: ${from} in the out-of-order queue lies inside the one before`);
    seq = from;
    end = to;
    truesize += skb.truesize;
  }
  return truesize;
}
