import { ENETDOWN } from '@stack/plugin';
import { DropReason, skbSchedTimestamp, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { NET_XMIT_CN, NET_XMIT_DROP, NET_XMIT_MASK, NET_XMIT_SUCCESS } from '../constants.ts';
import { skbDev, type NetDevice } from '../device/net-device.ts';
import type { NetdevQueue } from '../device/netdev-queue.ts';
import { devHardStartXmit } from './hard-start-xmit.ts';
import { netdevCorePickTx } from './pick-tx.ts';
import { guardedEnqueue } from './qdisc-guard.ts';
import { TC_ACT_OK, TC_ACT_SHOT } from './qdisc-filter.ts';
import { __qdiscRun, qdiscRunBegin, qdiscRunEnd, schDirectXmit } from './qdisc-run.ts';
import { TCQ_F_BUILTIN, TCQ_F_CAN_BYPASS, type Qdisc } from './qdisc.ts';
import { validateXmitSkb } from './validate.ts';

/** How many devices may lie on top of each other. @kernel include/linux/netdevice.h XMIT_RECURSION_LIMIT */
const XMIT_RECURSION_LIMIT = 8;

/**
 * Sends a complete frame through its device (`skb.dev`): `data` is at the link-layer header, `networkHeader` behind
 * it. Owns the skb, whatever comes of it. Returns NET_XMIT_SUCCESS, NET_XMIT_DROP, NET_XMIT_CN or a negative errno.
 *
 * @kernel net/core/dev.c dev_queue_xmit(), __dev_queue_xmit()
 */
export function devQueueXmit(skb: SkBuff): number {
  const dev = skbDev(skb);
  const { cpu } = dev.core.softnet;
  if (tracing.on) trace('dev_queue_xmit', skb, dev.name);
  skb.resetMacHeader();
  skbSchedTimestamp(skb);
  cpu.localBhDisable();
  const verdict = dev.egress === null ? TC_ACT_OK : dev.egress.handle(skb);
  if (verdict !== TC_ACT_OK) {
    cpu.localBhEnable();
    return verdict === TC_ACT_SHOT ? NET_XMIT_DROP : NET_XMIT_SUCCESS;
  }
  const queue = netdevCorePickTx(dev, skb);
  if (tracing.on) trace('netdev_core_pick_tx', skb, queue.index);
  const { qdisc } = queue;
  let answer;
  if (qdisc === null) answer = noopEnqueue(skb, dev);
  else if ((qdisc.flags & TCQ_F_BUILTIN) !== 0) answer = xmitDirectly(skb, dev, queue);
  else answer = __devXmitSkb(skb, qdisc, queue);
  cpu.localBhEnable();
  return answer;
}

/** Around the queue if it is empty and allows it, otherwise through it. @kernel net/core/dev.c __dev_xmit_skb() */
function __devXmitSkb(skb: SkBuff, qdisc: Qdisc, queue: NetdevQueue): number {
  if (qdisc.qlen === 0 && (qdisc.flags & TCQ_F_CAN_BYPASS) !== 0 && qdiscRunBegin(qdisc)) {
    if (tracing.on) trace('__dev_xmit_skb', skb, 'bypass');
    qdisc.countSent(skb);
    if (schDirectXmit(skb, qdisc, queue, true)) __qdiscRun(qdisc);
    qdiscRunEnd(qdisc);
    return NET_XMIT_SUCCESS;
  }
  if (tracing.on) trace('__dev_xmit_skb', skb, 'enqueue');
  const answer = guardedEnqueue(qdisc, skb) & NET_XMIT_MASK;
  if (qdiscRunBegin(qdisc)) {
    __qdiscRun(qdisc);
    qdiscRunEnd(qdisc);
  }
  return answer;
}

/** The device is down or has no carrier. @kernel net/sched/sch_generic.c noop_enqueue() */
function noopEnqueue(skb: SkBuff, dev: NetDevice): number {
  dev.stats.txDropped++;
  skb.drop(DropReason.QDISC_DROP);
  return NET_XMIT_CN;
}

/** To a device without a queue, for which there is no second try. */
function xmitDirectly(skb: SkBuff, dev: NetDevice, queue: NetdevQueue): number {
  const { softnet } = dev.core;
  if (softnet.xmitRecursion > XMIT_RECURSION_LIMIT) return refuse(skb, dev, DropReason.NOT_SPECIFIED);
  const valid = validateXmitSkb(skb, dev);
  if (valid === null) return NET_XMIT_DROP;
  if (queue.stopped) return refuse(valid, dev, DropReason.FULL_RING);
  softnet.xmitRecursion++;
  const rest = devHardStartXmit(valid, dev, queue);
  softnet.xmitRecursion--;
  return rest === null ? NET_XMIT_SUCCESS : refuse(rest, dev, DropReason.FULL_RING);
}

function refuse(list: SkBuff, dev: NetDevice, reason: number): number {
  for (let skb: SkBuff | null = list; skb !== null;) {
    const next: SkBuff | null = skb.next;
    skb.next = null;
    dev.stats.txDropped++;
    skb.drop(reason);
    skb = next;
  }
  return -ENETDOWN;
}
