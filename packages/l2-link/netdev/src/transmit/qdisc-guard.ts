import { dropFaulty, type SkBuff } from '@stack/skb';
import { NET_XMIT_DROP } from '../constants.ts';
import { replaceFaultyQdisc } from '../device/activate.ts';
import type { Qdisc } from './qdisc.ts';

/** Asks a discipline to take a packet. One that throws is replaced. Owns the skb. */
export function guardedEnqueue(qdisc: Qdisc, skb: SkBuff): number {
  const { id, users, pool } = skb;
  try {
    return qdisc.enqueue(skb);
  } catch (error) {
    qdiscFault(qdisc, error);
    dropFaulty(skb, id, users, pool);
    return NET_XMIT_DROP;
  }
}

/** Asks a discipline for a packet. One that throws is replaced. */
export function guardedDequeue(qdisc: Qdisc): SkBuff | null {
  try {
    return qdisc.dequeue();
  } catch (error) {
    qdiscFault(qdisc, error);
    return null;
  }
}

/** The queue goes on with another discipline; what waits in this one is dropped. */
function qdiscFault(qdisc: Qdisc, error: unknown): void {
  const { core } = qdisc.queue.dev;
  core.faults.passOn(error);
  const part = core.qdiscKinds.part(qdisc.kind);
  if (!core.faults.strict) replaceFaultyQdisc(qdisc);
  core.faults.report(part, error);
}
