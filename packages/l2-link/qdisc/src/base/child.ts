import { NET_XMIT_STOLEN_FLAG, NET_XMIT_SUCCESS, Qdisc, qdiscPktLen, TCQ_F_MQROOT } from '@stack/netdev';
import type { SkBuff } from '@stack/skb';

/** Gives a packet to the discipline below and counts what became of it. Returns the answer for above. */
export function enqueueBelow(qdisc: Qdisc, below: Qdisc, skb: SkBuff): number {
  // The packet may be gone, or cut into pieces, when the call returns.
  const bytes = qdiscPktLen(skb);
  const answer = below.enqueue(skb);
  if (answer === NET_XMIT_SUCCESS) {
    qdisc.qlen++;
    qdisc.backlog += bytes;
  } else if (isDrop(answer)) {
    qdisc.drops++;
  }
  return answer;
}

/** Whether an answer other than success stands for a drop. @kernel include/net/sch_generic.h net_xmit_drop_count() */
export function isDrop(answer: number): boolean {
  return (answer & NET_XMIT_STOLEN_FLAG) === 0;
}

/** Puts `below` into the class `classid` of `qdisc`. */
export function adopt<Q extends Qdisc>(qdisc: Qdisc, classid: number, below: Q): Q {
  below.parent = classid;
  below.parentQdisc = qdisc;
  return below;
}

/** Drops what waits in a discipline, and tells those above. @kernel include/net/sch_generic.h qdisc_purge_queue() */
export function purgeBelow(below: Qdisc): void {
  const { qlen, backlog } = below;
  below.reset();
  below.treeReduceBacklog(qlen, backlog);
}

/** Ends a discipline in a class: what waits is dropped, timers are let go. */
export function retire(below: Qdisc): void {
  purgeBelow(below);
  below.destroy?.();
}

/** The discipline that packets for this one enter first. @kernel include/net/sch_generic.h qdisc_root_bh() */
export function rootAbove(qdisc: Qdisc): Qdisc {
  const above = qdisc.parentQdisc;
  return above === null || (above.flags & TCQ_F_MQROOT) !== 0 ? qdisc : rootAbove(above);
}
