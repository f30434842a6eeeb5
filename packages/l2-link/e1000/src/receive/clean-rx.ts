import { DMA_FROM_DEVICE, dmaSyncSingleForCpu } from '@stack/pci';
import { DropReason, MAX_SKB_FRAGS, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { E1000Adapter } from '../adapter.ts';
import { DESC_LOWER, DESC_SIZE, DESC_UPPER, RXD_ERR_FRAME, RXD_STAT_DD, RXD_STAT_EOP } from '../descriptors.ts';
import { e1000AllocRxBuffers, e1000AllocRxSkb, takeRxBlock } from './buffers.ts';
import { e1000ReceiveSkb, e1000RxChecksum } from './receive-skb.ts';
import type { E1000RxRing } from './rx-ring.ts';

/** Descriptors that are given back to the chip together. @kernel drivers/net/ethernet/intel/e1000/e1000.h E1000_RX_BUFFER_WRITE */
const E1000_RX_BUFFER_WRITE = 16;

/**
 * Takes up to `budget` frames out of the ring and hands them up. Returns how many.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_clean_rx_irq(), e1000_clean_jumbo_rx_irq()
 */
export function e1000CleanRxIrq(adapter: E1000Adapter, ring: E1000RxRing, budget: number): number {
  const { view, base } = ring;
  let slot = ring.nextToClean;
  let cleaned = 0;
  let packets = 0;
  let bytes = 0;
  while (packets < budget) {
    const at = base + slot * DESC_SIZE;
    const status = view.getInt32(at + DESC_UPPER, true);
    if ((status & RXD_STAT_DD) === 0) break;
    view.setInt32(at + DESC_UPPER, 0, true);
    const skb = takeFrame(adapter, ring, slot, view.getUint16(at + DESC_LOWER, true), status);
    slot = slot + 1 === ring.count ? 0 : slot + 1;
    if (skb !== null) {
      packets++;
      bytes += skb.len;
      if (tracing.on) trace('e1000_clean_rx_irq', skb);
      e1000RxChecksum(adapter, status, skb);
      e1000ReceiveSkb(adapter, status, skb);
    }
    if (++cleaned === E1000_RX_BUFFER_WRITE) {
      e1000AllocRxBuffers(adapter, ring, cleaned);
      cleaned = 0;
    }
  }
  ring.nextToClean = slot;
  const unused = ring.unused;
  if (unused > 0) e1000AllocRxBuffers(adapter, ring, unused);
  const { stats } = adapter.dev;
  stats.rxPackets += packets;
  stats.rxBytes += bytes;
  adapter.itr.count(packets, bytes);
  return packets;
}

/** The frame that is complete with this descriptor; null when it goes on, or is damaged. */
function takeFrame(
  adapter: E1000Adapter,
  ring: E1000RxRing,
  slot: number,
  length: number,
  status: number,
): SkBuff | null {
  const last = (status & RXD_STAT_EOP) !== 0;
  if (ring.discarding || (status & RXD_ERR_FRAME) !== 0) {
    discard(ring, last);
    return null;
  }
  if (ring.skbTop !== null) return addPiece(adapter, ring, slot, length, last);
  if (!last) {
    ring.skbTop = e1000BuildRxSkb(adapter, ring, slot, length);
    return null;
  }
  return e1000Copybreak(adapter, ring, slot, length) ?? e1000BuildRxSkb(adapter, ring, slot, length);
}

/** The buffer stays in the ring; the rest of the frame is skipped, too. */
function discard(ring: E1000RxRing, last: boolean): void {
  ring.skbTop?.drop(DropReason.NOT_SPECIFIED);
  ring.skbTop = null;
  ring.discarding = !last;
}

/**
 * Copies a small frame, so that its buffer can stay in the ring. Null for a large one, and when memory is lacking.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_copybreak()
 */
function e1000Copybreak(adapter: E1000Adapter, ring: E1000RxRing, slot: number, length: number): SkBuff | null {
  if (length > adapter.params.copybreak) return null;
  const skb = e1000AllocRxSkb(adapter, length);
  if (skb === null) return null;
  if (tracing.on) trace('dma_sync_single_for_cpu', skb, length);
  dmaSyncSingleForCpu(adapter.pdev, ring.dma[slot], length, DMA_FROM_DEVICE);
  adapter.core.arena.copy(skb.put(length), ring.block[slot] + adapter.rxHeadroom, length);
  if (tracing.on) trace('skb_put_data', skb);
  if (tracing.on) trace('e1000_copybreak', skb, 'copied');
  return skb;
}

/** Makes the buffer of a slot a packet. */
function e1000BuildRxSkb(adapter: E1000Adapter, ring: E1000RxRing, slot: number, length: number): SkBuff {
  const skb = adapter.core.pool.build(takeRxBlock(adapter, ring, slot), adapter.rxBlockSize);
  skb.headFrag = true;
  skb.reserve(adapter.rxHeadroom);
  skb.put(length);
  return skb;
}

/** Appends the buffer of a slot to the frame under way. */
function addPiece(
  adapter: E1000Adapter,
  ring: E1000RxRing,
  slot: number,
  length: number,
  last: boolean,
): SkBuff | null {
  const skb = ring.skbTop!;
  if (skb.shinfo.nrFrags === MAX_SKB_FRAGS) {
    discard(ring, last);
    return null;
  }
  skb.addFrag(takeRxBlock(adapter, ring, slot), adapter.rxHeadroom, length, adapter.rxBlockSize);
  if (!last) return null;
  ring.skbTop = null;
  return skb;
}
