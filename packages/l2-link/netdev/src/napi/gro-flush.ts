import type { SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { AGE, COUNT } from '../offload/gro-cb.ts';
import { findPacketOffload } from '../offload/offloads.ts';
import { netifReceiveSkbList } from '../receive/netif-receive-skb.ts';
import type { GroList } from './gro-list.ts';
import type { NapiStruct } from './napi-struct.ts';

/** Sends up the batch that was collected. @kernel include/net/gro.h gro_normal_list() */
export function groNormalList(napi: NapiStruct): void {
  if (napi.rxCount === 0) return;
  napi.rxCount = 0;
  netifReceiveSkbList(napi.rxList);
}

/** Adds a packet to the batch, which goes up when it stands for enough frames. @kernel include/net/gro.h gro_normal_one() */
export function groNormalOne(napi: NapiStruct, skb: SkBuff, frames: number): void {
  if (tracing.on) trace('gro_normal_one', skb);
  napi.rxList.push(skb);
  napi.rxCount += frames;
  if (napi.rxCount >= napi.dev.core.sysctl.groNormalBatch) groNormalList(napi);
}

/** Lets a held packet, already off its bucket, go up. @kernel net/core/gro.c napi_gro_complete() */
export function napiGroComplete(napi: NapiStruct, skb: SkBuff): void {
  const count = skb.cb[COUNT];
  skb.prev = null;
  if (count === 1) {
    skb.shinfo.gsoSize = 0;
  } else {
    if (tracing.on) trace('napi_gro_complete', skb, count);
    findPacketOffload(napi.dev.core, skb.protocol)!.groComplete!(skb, 0);
  }
  groNormalOne(napi, skb, count);
}

/** Lets packets go that were held, the oldest first: all, or those of earlier jiffies. @kernel net/core/gro.c napi_gro_flush() */
export function napiGroFlush(napi: NapiStruct, onlyOld: boolean): void {
  const now = onlyOld ? napi.dev.core.timers.boot.jiffies | 0 : 0;
  for (let index = 0; index < napi.groHash.length; index++) {
    if ((napi.groBitmask & (1 << index)) === 0) continue;
    const bucket = napi.groHash[index];
    flushChain(napi, bucket, onlyOld, now);
    if (bucket.count === 0) napi.groBitmask &= ~(1 << index);
  }
}

function flushChain(napi: NapiStruct, bucket: GroList, onlyOld: boolean, now: number): void {
  for (let skb = bucket.oldest; skb !== null; skb = bucket.oldest) {
    if (onlyOld && skb.cb[AGE] === now) return;
    bucket.remove(skb);
    napiGroComplete(napi, skb);
  }
}
