import type { SkBuff } from '@stack/skb';
import { NET_TX_SOFTIRQ } from '@stack/softirq';
import { skbDev } from '../device/net-device.ts';
import type { Qdisc } from './qdisc.ts';

/**
 * Has NET_TX_SOFTIRQ run the discipline, on this CPU.
 *
 * @kernel net/core/dev.c __netif_schedule()
 */
export function __netifSchedule(qdisc: Qdisc): void {
  if (qdisc.scheduled) return;
  const { softnet } = qdisc.queue.dev.core;
  qdisc.scheduled = true;
  qdisc.nextSched = null;
  if (softnet.outputLast === null) softnet.outputFirst = qdisc;
  else softnet.outputLast.nextSched = qdisc;
  softnet.outputLast = qdisc;
  softnet.cpu.raiseSoftirqIrqoff(NET_TX_SOFTIRQ);
}

/** What the completion queue does with a packet that was sent. */
export const SKB_CONSUMED = -1;

/**
 * Frees a packet in an interrupt: NET_TX_SOFTIRQ does it. `reason` is a DropReason, or that it was sent.
 *
 * @kernel net/core/dev.c dev_kfree_skb_irq_reason()
 */
export function devKfreeSkbIrq(skb: SkBuff, reason: number): void {
  const { softnet } = skbDev(skb).core;
  skb.cb[0] = reason;
  softnet.completionQueue.push(skb);
  softnet.cpu.raiseSoftirqIrqoff(NET_TX_SOFTIRQ);
}

/** Frees a packet that goes no further, in any context. @kernel net/core/dev.c dev_kfree_skb_any_reason() */
export function devKfreeSkbAny(skb: SkBuff, reason: number): void {
  if (skbDev(skb).core.softnet.cpu.context === 'hardirq') devKfreeSkbIrq(skb, reason);
  else skb.drop(reason);
}

/** Frees a packet that was sent, in any context. @kernel include/linux/netdevice.h dev_consume_skb_any() */
export function devConsumeSkbAny(skb: SkBuff): void {
  if (skbDev(skb).core.softnet.cpu.context === 'hardirq') devKfreeSkbIrq(skb, SKB_CONSUMED);
  else skb.consume();
}
