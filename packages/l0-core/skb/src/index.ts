/**
 * Packet buffers as the kernel has them: integer addresses into the arena, headroom, fragments, clones.
 *
 * ```ts
 * const pool = new SkbPool(new Arena(1 << 20));
 * const skb = pool.alloc(128)!;
 * skb.reserve(64);                 // room for headers
 * skb.put(5);                      // payload
 * skb.push(udp.LENGTH);            // a header in front of it
 * skb.resetTransportHeader();
 * udp.setDest(skb, 53);
 * skb.drop(DropReason.NO_SOCKET);  // counted in pool.drops
 * ```
 *
 * @packageDocumentation
 */
export * from './constants.ts';
export { skbChecksum, skbCopyBits, skbCopyToBytes } from './bits.ts';
export { CheckingSkbPool } from './checking-pool.ts';
export { copyHeader as skbCopyHeader, pskbCopy, skbClone, skbCopy, skbMorph, skbShareCheck } from './clone.ts';
export {
  DropReason,
  dropReasonName,
  MAX_DROP_REASONS,
  registerDropReason,
  type DropReasonName,
} from './drop-reason.ts';
export { pskbExpandHead, skbCowHead, skbEnsureWritable } from './expand.ts';
export { hash3Words, isIpv4, portsOf, reciprocalScale, skbGetHash } from './flow-hash.ts';
export { skbs } from './plugin.ts';
export { dropFaulty, PLUGIN_FAULT } from './plugin-fault.ts';
export { inetProtoCsumReplace4 } from './replace-checksum.ts';
export { NET_IP_ALIGN, NET_SKB_PAD, SkbPool, Skbs } from './pool.ts';
export { skbAdvance, skbLinearize } from './pull.ts';
export { SkbQueue } from './queue.ts';
export { SharedInfo } from './shared-info.ts';
export { SkBuff, type SkbDevice, type SkbDst, type SkbSock } from './skbuff.ts';
export { skbShift } from './shift.ts';
export { skbSplit } from './split.ts';
export {
  SCM_TSTAMP_ACK,
  SCM_TSTAMP_SCHED,
  SCM_TSTAMP_SND,
  skbHandOnTimestamps,
  skbSchedTimestamp,
  skbTxTimestamp,
} from './tx-timestamp.ts';
export { skbOrphanFrags, skbZcopySet, skbZerocopyClone, type SharedBytes } from './zerocopy.ts';
export * as arp from './headers/arp.ts';
export * as eth from './headers/ethernet.ts';
export * as icmp from './headers/icmp.ts';
export * as ip from './headers/ipv4.ts';
export * as tcp from './headers/tcp.ts';
export * as udp from './headers/udp.ts';
