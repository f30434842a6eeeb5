import { DMA_TO_DEVICE, dmaMappingError, dmaMapSingle, dmaUnmapSingle, skbFragDmaMap, type PciDev } from '@stack/pci';
import { tcp, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { E1000Adapter } from '../adapter.ts';
import type { E1000TxRing } from './tx-ring.ts';

/** Bytes behind one data descriptor. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c E1000_MAX_DATA_PER_TXD */
export const MAX_DATA_PER_TXD = 4096;

/**
 * Lends the packet to the chip, in pieces of up to 4,096 bytes, from slot `nextToUse` on. `first` is the packet's first
 * slot, which may hold a context. Returns the number of pieces; 0, with all taken back, when one cannot be mapped.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_tx_map()
 */
export function e1000TxMap(adapter: E1000Adapter, ring: E1000TxRing, skb: SkBuff, first: number): number {
  if (tracing.on) trace('e1000_tx_map', skb);
  const { pdev } = adapter;
  const { shinfo } = skb;
  const { dataLen } = skb;
  const headlen = skb.len - dataLen;
  const start = ring.nextToUse;
  if (tracing.on) trace('dma_map_single', skb, headlen);
  let slot = mapLinear(pdev, ring, start, skb.data, headlen);
  for (let f = 0; slot >= 0 && f < shinfo.nrFrags; f++) slot = mapFragment(pdev, ring, slot, skb, f);
  if (slot < 0) {
    adapter.txDmaFailed++;
    unmapFailed(pdev, ring, start);
    return 0;
  }
  const last = slot === 0 ? ring.count - 1 : slot - 1;
  ring.skb[last] = skb;
  ring.segs[last] = skb.isGso ? shinfo.gsoSegs : 1;
  ring.bytecount[last] = skb.isGso ? (shinfo.gsoSegs - 1) * gsoHeaders(skb) + skb.len : skb.len;
  ring.nextToWatch[first] = last;
  return slot > start ? slot - start : slot - start + ring.count;
}

/** Bytes that each segment has of its own. */
function gsoHeaders(skb: SkBuff): number {
  return skb.transportHeader - skb.data + tcp.headerLength(skb);
}

/** Returns the slot after the pieces, or -1. */
function mapLinear(pdev: PciDev, ring: E1000TxRing, start: number, address: number, length: number): number {
  let slot = start;
  for (let offset = 0; offset < length; offset += MAX_DATA_PER_TXD) {
    const left = length - offset;
    const size = left < MAX_DATA_PER_TXD ? left : MAX_DATA_PER_TXD;
    const dma = dmaMapSingle(pdev, address + offset, size, DMA_TO_DEVICE);
    ring.dma[slot] = dma;
    if (dmaMappingError(dma)) return -1;
    ring.length[slot] = size;
    slot = slot + 1 === ring.count ? 0 : slot + 1;
  }
  return slot;
}

function mapFragment(pdev: PciDev, ring: E1000TxRing, start: number, skb: SkBuff, index: number): number {
  const { shinfo } = skb;
  const length = shinfo.fragSize[index];
  if (tracing.on) trace('skb_frag_dma_map', skb, length);
  let slot = start;
  for (let offset = 0; offset < length; offset += MAX_DATA_PER_TXD) {
    const left = length - offset;
    const size = left < MAX_DATA_PER_TXD ? left : MAX_DATA_PER_TXD;
    const dma = skbFragDmaMap(pdev, shinfo, index, offset, size, DMA_TO_DEVICE);
    ring.dma[slot] = dma;
    if (dmaMappingError(dma)) return -1;
    ring.length[slot] = size;
    slot = slot + 1 === ring.count ? 0 : slot + 1;
  }
  return slot;
}

/** Takes back what was mapped from `start` on; the piece that failed has address 0. */
function unmapFailed(pdev: PciDev, ring: E1000TxRing, start: number): void {
  for (let slot = start; ring.dma[slot] !== 0; slot = slot + 1 === ring.count ? 0 : slot + 1) {
    unmapTxSlot(pdev, ring, slot);
  }
}

export function unmapTxSlot(pdev: PciDev, ring: E1000TxRing, slot: number): void {
  const dma = ring.dma[slot];
  if (dma === 0) return;
  dmaUnmapSingle(pdev, dma, ring.length[slot], DMA_TO_DEVICE);
  ring.dma[slot] = 0;
}
