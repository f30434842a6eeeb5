import { DropReason, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { NET_RX_DROP, NET_RX_SUCCESS } from '../constants.ts';
import { skbDev } from '../device/net-device.ts';
import { napiSchedule } from '../napi/napi.ts';
import type { NapiStruct } from '../napi/napi-struct.ts';
import type { SoftnetData } from '../napi/softnet-data.ts';
import { netifReceiveSkb } from './netif-receive-skb.ts';

/**
 * Takes one received packet in, for devices without a poller: it waits in the backlog of this CPU. Works in any
 * context. Owns the skb. Returns NET_RX_*.
 *
 * @kernel net/core/dev.c netif_rx()
 */
export function netifRx(skb: SkBuff): number {
  if (tracing.on) trace('netif_rx', skb);
  const { softnet } = skbDev(skb).core;
  softnet.cpu.localBhDisable();
  const answer = enqueueToBacklog(skb, softnet);
  softnet.cpu.localBhEnable();
  return answer;
}

/** @kernel net/core/dev.c enqueue_to_backlog() */
function enqueueToBacklog(skb: SkBuff, softnet: SoftnetData): number {
  const dev = skbDev(skb);
  const queue = softnet.inputPktQueue;
  if (queue.length > dev.core.sysctl.netdevMaxBacklog) {
    softnet.dropped++;
    dev.stats.rxDropped++;
    skb.drop(DropReason.CPU_BACKLOG);
    return NET_RX_DROP;
  }
  if (queue.empty) napiSchedule(softnet.backlog);
  queue.push(skb);
  return NET_RX_SUCCESS;
}

/**
 * The poll of the backlog: empties one queue while the other one fills.
 *
 * @kernel net/core/dev.c process_backlog()
 */
export function processBacklog(napi: NapiStruct, quota: number): number {
  const { softnet } = napi.dev.core;
  let work = 0;
  for (;;) {
    for (let skb = softnet.processQueue.shift(); skb !== null; skb = softnet.processQueue.shift()) {
      if (tracing.on) trace('process_backlog', skb);
      netifReceiveSkb(skb);
      if (++work >= quota) return work;
    }
    if (softnet.inputPktQueue.empty) {
      napi.scheduled = false;
      napi.missed = false;
      return work;
    }
    const taken = softnet.inputPktQueue;
    softnet.inputPktQueue = softnet.processQueue;
    softnet.processQueue = taken;
  }
}
