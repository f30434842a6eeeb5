import { DMA_FROM_DEVICE, dmaMappingError, dmaMapSingle, dmaUnmapSingle } from '@stack/pci';
import { DropReason, NET_IP_ALIGN, NET_SKB_PAD, type SkBuff } from '@stack/skb';
import { HZ } from '@stack/softirq';
import { trace, tracing } from '@stack/trace';
import type { E1000Adapter } from '../adapter.ts';
import { DESC_SIZE, DESC_UPPER } from '../descriptors.ts';
import { RDT } from '../registers.ts';
import type { E1000RxRing } from './rx-ring.ts';

/** In front of the frames that the driver hands over: room for headers of a tunnel, and an aligned IP header. */
export const E1000_HEADROOM = NET_SKB_PAD + NET_IP_ALIGN;
/** Until memory is asked for again, when a ring could not be filled and no frame may come to remind us. */
const REFILL_RETRY = HZ / 10;

/**
 * Puts buffers behind the next `count` descriptors and gives them to the chip. A slot that still has its buffer keeps
 * it. When memory is lacking, the chip gets what there is, and the rest comes later.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_alloc_rx_buffers()
 */
export function e1000AllocRxBuffers(adapter: E1000Adapter, ring: E1000RxRing, count: number): void {
  const { view, base } = ring;
  let slot = ring.nextToUse;
  for (let left = count; left > 0; left--) {
    if (ring.block[slot] === 0 && !e1000AllocRxBuffer(adapter, ring, slot)) {
      adapter.allocRxBuffFailed++;
      retryLater(adapter);
      break;
    }
    const at = base + slot * DESC_SIZE;
    view.setInt32(at, ring.dma[slot], true);
    view.setInt32(at + 4, 0, true);
    slot = slot + 1 === ring.count ? 0 : slot + 1;
  }
  if (slot === ring.nextToUse) return;
  ring.nextToUse = slot;
  adapter.hw.write(RDT, slot);
}

function e1000AllocRxBuffer(adapter: E1000Adapter, ring: E1000RxRing, slot: number): boolean {
  const { arena } = adapter.core;
  const block = arena.alloc(adapter.rxBlockSize);
  if (block === 0) return false;
  const dma = dmaMapSingle(adapter.pdev, block + adapter.rxHeadroom, adapter.rxBufferLen, DMA_FROM_DEVICE);
  if (dmaMappingError(dma)) {
    arena.release(block);
    return false;
  }
  ring.block[slot] = block;
  ring.dma[slot] = dma;
  return true;
}

function retryLater({ refillTimer }: E1000Adapter): void {
  if (!refillTimer.pending) refillTimer.mod(refillTimer.wheel.jiffies + REFILL_RETRY);
}

/** The chip has written the block of a slot: takes it out of the ring. The caller owns it. */
export function takeRxBlock(adapter: E1000Adapter, ring: E1000RxRing, slot: number): number {
  dmaUnmapSingle(adapter.pdev, ring.dma[slot], adapter.rxBufferLen, DMA_FROM_DEVICE);
  const block = ring.block[slot];
  ring.block[slot] = 0;
  return block;
}

/**
 * A small buffer, for a frame of `length` bytes to be copied into. Null when memory is lacking.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_alloc_rx_skb()
 */
export function e1000AllocRxSkb(adapter: E1000Adapter, length: number): SkBuff | null {
  const skb = adapter.core.pool.alloc(E1000_HEADROOM + length);
  if (skb === null) {
    adapter.allocRxBuffFailed++;
    return null;
  }
  if (tracing.on) trace('e1000_alloc_rx_skb', skb);
  skb.reserve(E1000_HEADROOM);
  return skb;
}

/**
 * Frees all buffers; the chip no longer writes them.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_clean_rx_ring()
 */
export function e1000CleanRxRing(adapter: E1000Adapter, ring: E1000RxRing): void {
  for (let slot = 0; slot < ring.count; slot++) {
    if (ring.block[slot] !== 0) adapter.core.arena.release(takeRxBlock(adapter, ring, slot));
    ring.view.setInt32(ring.base + slot * DESC_SIZE + DESC_UPPER, 0, true);
  }
  ring.skbTop?.drop(DropReason.DEV_READY);
  ring.skbTop = null;
  ring.discarding = false;
  ring.nextToUse = 0;
  ring.nextToClean = 0;
}
