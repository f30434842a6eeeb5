import type { SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { NetdevQueue } from '../device/netdev-queue.ts';
import { devHardStartXmit } from './hard-start-xmit.ts';
import { guardedDequeue } from './qdisc-guard.ts';
import { TCQ_F_ONETXQUEUE, type Qdisc } from './qdisc.ts';
import { __netifSchedule } from './schedule.ts';
import { validateXmitSkbList } from './validate.ts';

/** What a bulk may have: little enough that a full ring does not send back much. @kernel net/sched/sch_generic.c try_bulk_dequeue_skb() */
const BULK_BYTES = 65_536;
const BULK_PACKETS = 8;

/** Sends what waits, unless somebody is at it already. @kernel include/net/pkt_sched.h qdisc_run() */
export function qdiscRun(qdisc: Qdisc): void {
  if (!qdiscRunBegin(qdisc)) return;
  __qdiscRun(qdisc);
  qdiscRunEnd(qdisc);
}

/** False when the discipline runs already: who runs it will see the new packet. @kernel include/net/sch_generic.h qdisc_run_begin() */
export function qdiscRunBegin(qdisc: Qdisc): boolean {
  if (qdisc.running) return false;
  qdisc.running = true;
  return true;
}

/** @kernel include/net/sch_generic.h qdisc_run_end() */
export function qdiscRunEnd(qdisc: Qdisc): void {
  qdisc.running = false;
}

/**
 * Sends until nothing may leave or the quota is spent; the rest is left to NET_TX_SOFTIRQ.
 *
 * @kernel net/sched/sch_generic.c __qdisc_run()
 */
export function __qdiscRun(qdisc: Qdisc): void {
  let quota = qdisc.queue.dev.core.sysctl.devTxWeight;
  for (;;) {
    const packets = qdiscRestart(qdisc);
    if (packets === 0) return;
    quota -= packets;
    if (quota <= 0) {
      __netifSchedule(qdisc);
      return;
    }
  }
}

/** Sends one packet or one bulk. Returns how many packets; 0 when there is no use in going on. @kernel net/sched/sch_generic.c qdisc_restart() */
function qdiscRestart(qdisc: Qdisc): number {
  const { queue } = qdisc;
  const again = !qdisc.gsoSkb.empty;
  const list = dequeueSkb(qdisc, queue);
  if (list === null) return 0;
  if (tracing.on) trace('qdisc_restart', list);
  const packets = countPackets(list);
  // What the driver sent back was made valid the first time.
  return schDirectXmit(list, qdisc, queue, !again) ? packets : 0;
}

/** The next packets to send, linked by `next`; what the driver sent back comes first. @kernel net/sched/sch_generic.c dequeue_skb() */
function dequeueSkb(qdisc: Qdisc, queue: NetdevQueue): SkBuff | null {
  const requeued = qdisc.gsoSkb;
  if (requeued.empty) {
    if (queue.stopped && (qdisc.flags & TCQ_F_ONETXQUEUE) !== 0) return null;
    const skb = guardedDequeue(qdisc);
    if (skb !== null && (qdisc.flags & TCQ_F_ONETXQUEUE) !== 0) tryBulkDequeue(qdisc, skb);
    return skb;
  }
  if (queue.stopped) return null;
  const skb = requeued.shift()!;
  qdisc.qlen--;
  qdisc.backlog -= skb.len;
  return skb;
}

/** Links further packets behind `first`. */
function tryBulkDequeue(qdisc: Qdisc, first: SkBuff): void {
  let last = first;
  let bytes = BULK_BYTES - first.len;
  for (let left = BULK_PACKETS - 1; left > 0 && bytes > 0; left--) {
    const skb = guardedDequeue(qdisc);
    if (skb === null) return;
    bytes -= skb.len;
    last.next = skb;
    last = skb;
  }
}

function countPackets(list: SkBuff): number {
  let packets = 0;
  for (let skb: SkBuff | null = list; skb !== null; skb = skb.next) packets++;
  return packets;
}

/**
 * Gives a list of packets to the driver and puts back what it does not take. False when it took not all: sending
 * goes on when the driver wakes its queue.
 *
 * @kernel net/sched/sch_generic.c sch_direct_xmit()
 */
export function schDirectXmit(list: SkBuff, qdisc: Qdisc, queue: NetdevQueue, validate: boolean): boolean {
  if (tracing.on) trace('sch_direct_xmit', list);
  const valid = validate ? validateXmitSkbList(list, queue.dev) : list;
  if (valid === null) return true;
  const rest = queue.stopped ? valid : devHardStartXmit(valid, queue.dev, queue);
  if (rest === null) return true;
  devRequeueSkb(rest, qdisc);
  return false;
}

/** @kernel net/sched/sch_generic.c dev_requeue_skb() */
function devRequeueSkb(list: SkBuff, qdisc: Qdisc): void {
  if (!qdisc.queue.stopped) qdisc.queue.requeues++;
  for (let skb: SkBuff | null = list; skb !== null;) {
    const next: SkBuff | null = skb.next;
    if (tracing.on) trace('dev_requeue_skb', skb, 'busy');
    qdisc.gsoSkb.push(skb);
    qdisc.qlen++;
    qdisc.backlog += skb.len;
    qdisc.requeues++;
    skb = next;
  }
  __netifSchedule(qdisc);
}
