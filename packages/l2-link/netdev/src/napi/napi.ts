import { DropReason } from '@stack/skb';
import { NET_RX_SOFTIRQ } from '@stack/softirq';
import { NO_PACKET, trace, tracing } from '@stack/trace';
import type { NetDevice } from '../device/net-device.ts';
import { napiGroFlush, groNormalList } from './gro-flush.ts';
import { NapiStruct, type NapiPoll } from './napi-struct.ts';

/** Gives a device a poller, disabled until {@link napiEnable}. @kernel include/linux/netdevice.h netif_napi_add() */
export function netifNapiAdd(dev: NetDevice, poll: NapiPoll, weight?: number): NapiStruct {
  const napi = new NapiStruct(dev, poll, weight);
  dev.napis.push(napi);
  return napi;
}

/** Disables a poller and takes it off its device. @kernel net/core/dev.c __netif_napi_del() */
export function netifNapiDel(napi: NapiStruct): void {
  napiDisable(napi);
  const index = napi.dev.napis.indexOf(napi);
  if (index >= 0) napi.dev.napis.splice(index, 1);
}

/** @kernel net/core/dev.c napi_enable() */
export function napiEnable(napi: NapiStruct): void {
  napi.enabled = true;
}

/**
 * From here on the poller is not called, even if it is scheduled. What it held back is dropped.
 *
 * @kernel net/core/dev.c napi_disable()
 */
export function napiDisable(napi: NapiStruct): void {
  napi.enabled = false;
  napi.missed = false;
  for (const bucket of napi.groHash) {
    for (let skb = bucket.first; skb !== null; skb = bucket.first) {
      bucket.remove(skb);
      skb.prev = null;
      skb.drop(DropReason.DEV_READY);
    }
  }
  napi.groBitmask = 0;
  napi.rxCount = 0;
  for (let skb = napi.rxList.shift(); skb !== null; skb = napi.rxList.shift()) skb.drop(DropReason.DEV_READY);
}

/** Whether the caller shall schedule it: only the first one does. @kernel net/core/dev.c napi_schedule_prep() */
export function napiSchedulePrep(napi: NapiStruct): boolean {
  if (tracing.on) trace('napi_schedule_prep', NO_PACKET, napi.scheduled ? 'scheduled already' : 'yes');
  if (!napi.enabled) return false;
  if (napi.scheduled) {
    napi.missed = true;
    return false;
  }
  napi.scheduled = true;
  return true;
}

/** Puts the poller on its CPU's list, to be polled in NET_RX_SOFTIRQ. @kernel net/core/dev.c __napi_schedule() */
export function __napiSchedule(napi: NapiStruct): void {
  if (tracing.on) trace('__napi_schedule', NO_PACKET);
  const { core } = napi.dev;
  const softnet = core.softnets[napi.cpu === null ? 0 : napi.cpu.cpu];
  softnet.pollList.push(napi);
  softnet.cpu.raiseSoftirqIrqoff(NET_RX_SOFTIRQ);
}

/** @kernel include/linux/netdevice.h napi_schedule() */
export function napiSchedule(napi: NapiStruct): void {
  if (napiSchedulePrep(napi)) __napiSchedule(napi);
}

/**
 * The driver found less work than it might have done: lets go of what was held back. False when the poller was
 * scheduled again meanwhile; then interrupts stay off, for it is polled once more.
 *
 * @kernel net/core/dev.c napi_complete_done()
 */
export function napiCompleteDone(napi: NapiStruct, workDone: number): boolean {
  if (tracing.on) trace('napi_complete_done', NO_PACKET, workDone);
  napi.received += workDone;
  if (napi.groBitmask !== 0) napiGroFlush(napi, false);
  groNormalList(napi);
  if (napi.missed) {
    napi.missed = false;
    __napiSchedule(napi);
    return false;
  }
  napi.scheduled = false;
  return true;
}
