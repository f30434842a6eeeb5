import type { SkBuff } from '@stack/skb';
import type { Cpu } from '@stack/softirq';
import { trace, tracing } from '@stack/trace';
import type { SoftnetData } from '../napi/softnet-data.ts';
import type { NetCore } from '../net-core.ts';
import { qdiscRun } from './qdisc-run.ts';
import type { Qdisc } from './qdisc.ts';
import { SKB_CONSUMED } from './schedule.ts';

/**
 * NET_TX_SOFTIRQ: frees what was sent, and runs the disciplines that have more to send.
 *
 * @kernel net/core/dev.c net_tx_action()
 */
export function netTxAction(core: NetCore, cpu: Cpu): void {
  const outer = core.softnet;
  const softnet = core.softnets[cpu.cpu];
  core.softnet = softnet;
  freeCompleted(softnet);
  runScheduled(softnet);
  core.softnet = outer;
}

function freeCompleted(softnet: SoftnetData): void {
  const queue = softnet.completionQueue;
  for (let skb: SkBuff | null = queue.shift(); skb !== null; skb = queue.shift()) {
    if (tracing.on) trace('net_tx_action', skb, 'free');
    const reason = skb.cb[0];
    if (reason === SKB_CONSUMED) skb.consume();
    else skb.drop(reason);
  }
}

/** Those that are scheduled meanwhile wait for the next round. */
function runScheduled(softnet: SoftnetData): void {
  let qdisc = softnet.outputFirst;
  softnet.outputFirst = softnet.outputLast = null;
  while (qdisc !== null) {
    const next: Qdisc | null = qdisc.nextSched;
    qdisc.nextSched = null;
    qdisc.scheduled = false;
    if (!qdisc.deactivated) qdiscRun(qdisc);
    qdisc = next;
  }
}
