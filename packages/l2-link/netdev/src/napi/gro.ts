import type { SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { NETIF_F_GRO } from '../constants.ts';
import {
  AGE,
  COUNT,
  DATA_OFFSET,
  FLUSH,
  FREE,
  FREE_BUFFER,
  FREE_NOTHING,
  FREE_STOLEN_HEAD,
  ID_MODE,
  ID_UNKNOWN,
  SAME_FLOW,
} from '../offload/gro-cb.ts';
import { findPacketOffload } from '../offload/offloads.ts';
import { groNormalOne, napiGroComplete } from './gro-flush.ts';
import { GRO_HASH_BUCKETS, MAX_GRO_SKBS, type GroList } from './gro-list.ts';
import type { NapiStruct } from './napi-struct.ts';

/** What became of a packet. @kernel include/linux/netdevice.h enum gro_result */
export const GRO_MERGED = 0;
export const GRO_HELD = 1;
export const GRO_NORMAL = 2;

/**
 * Takes up a received packet from a driver's poll: merges it into the one before, holds it back for those behind, or
 * lets it go up with its batch. `data` is behind the Ethernet header; `protocol` is set. Owns the skb. Returns GRO_*.
 *
 * @kernel net/core/gro.c napi_gro_receive()
 */
export function napiGroReceive(napi: NapiStruct, skb: SkBuff): number {
  if (tracing.on) trace('napi_gro_receive', skb);
  const result = (napi.dev.features & NETIF_F_GRO) !== 0 ? devGroReceive(napi, skb) : GRO_NORMAL;
  if (result === GRO_NORMAL) groNormalOne(napi, skb, 1);
  return result;
}

/** @kernel net/core/gro.c dev_gro_receive() */
function devGroReceive(napi: NapiStruct, skb: SkBuff): number {
  const offload = findPacketOffload(napi.dev.core, skb.protocol);
  if (offload === null || offload.groReceive === undefined) return GRO_NORMAL;
  const index = skb.hash & (GRO_HASH_BUCKETS - 1);
  const bucket = napi.groHash[index];
  prepare(skb);
  groListPrepare(bucket, skb);
  const done = offload.groReceive(bucket, skb);
  const { cb } = skb;
  const flushed = cb[FLUSH] !== 0 ? GRO_NORMAL : GRO_HELD;
  const result = cb[SAME_FLOW] !== 0 ? GRO_MERGED : flushed;
  if (tracing.on) trace('dev_gro_receive', skb, NOTES[result]);
  // Before the packet that has taken it in goes up, for with that one it may be gone.
  if (result === GRO_MERGED) freeMerged(skb);
  if (done !== null) {
    bucket.remove(done);
    napiGroComplete(napi, done);
  }
  if (result === GRO_HELD) hold(napi, bucket, skb);
  if (bucket.count > 0) napi.groBitmask |= 1 << index;
  else napi.groBitmask &= ~(1 << index);
  return result;
}

const NOTES = ['merged', 'held', 'normal'];

/** The words of a packet that has just come. */
function prepare(skb: SkBuff): void {
  const { cb, shinfo } = skb;
  skb.resetNetworkHeader();
  skb.macLen = skb.networkHeader - skb.macHeader;
  cb[DATA_OFFSET] = 0;
  cb[FLUSH] = shinfo.fragList !== null ? 1 : 0;
  cb[COUNT] = shinfo.gsoSegs > 1 ? shinfo.gsoSegs : 1;
  cb[SAME_FLOW] = 0;
  cb[ID_MODE] = ID_UNKNOWN;
  cb[FREE] = FREE_NOTHING;
}

/** Marks the held packets that have the link layer in common with this one. @kernel net/core/gro.c gro_list_prepare() */
function groListPrepare(bucket: GroList, skb: SkBuff): void {
  const { view } = skb.arena;
  const mac = skb.macHeader;
  for (let held = bucket.first; held !== null; held = held.next) {
    const other = held.macHeader;
    held.cb[FLUSH] = 0;
    held.cb[SAME_FLOW] =
      held.hash === skb.hash &&
      held.dev === skb.dev &&
      held.vlanPresent === skb.vlanPresent &&
      held.vlanTci === skb.vlanTci &&
      held.macLen === skb.macLen &&
      view.getInt32(mac) === view.getInt32(other) &&
      view.getInt32(mac + 4) === view.getInt32(other + 4) &&
      view.getInt32(mac + 8) === view.getInt32(other + 8) &&
      view.getUint16(mac + 12) === view.getUint16(other + 12)
        ? 1
        : 0;
  }
}

/** Keeps a packet back; if there are too many, the oldest one goes. */
function hold(napi: NapiStruct, bucket: GroList, skb: SkBuff): void {
  if (bucket.count >= MAX_GRO_SKBS) {
    const oldest = bucket.oldest!;
    bucket.remove(oldest);
    napiGroComplete(napi, oldest);
  }
  const { cb, shinfo } = skb;
  cb[AGE] = napi.dev.core.timers.boot.jiffies | 0;
  if (shinfo.gsoSize === 0) shinfo.gsoSize = skb.len - cb[DATA_OFFSET];
  skb.prev = skb; // its last buffer is itself
  bucket.push(skb);
}

/** @kernel net/core/gro.c napi_skb_finish() */
function freeMerged(skb: SkBuff): void {
  const free = skb.cb[FREE];
  if (free === FREE_BUFFER) skb.consume();
  else if (free === FREE_STOLEN_HEAD) skb.pool.freeStolen(skb);
}
