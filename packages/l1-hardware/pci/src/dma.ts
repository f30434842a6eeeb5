import type { DmaMemory } from './dma-memory.ts';
import type { PciDev } from './pci-dev.ts';

/** Who writes: the device, the CPU, or both. @kernel include/linux/dma-direction.h enum dma_data_direction */
export const DMA_BIDIRECTIONAL = 0;
export const DMA_TO_DEVICE = 1;
export const DMA_FROM_DEVICE = 2;
export type DmaDirection = 0 | 1 | 2;

/** What a failed mapping returns. Linux has all ones there; here 0 is no address anywhere. */
export const DMA_MAPPING_ERROR = 0;

/** Memory that the CPU and the device share without further ado: descriptor rings. */
export interface CoherentMemory {
  /** Where the CPU finds it: `address` is an index into these. */
  readonly u8: Uint8Array;
  readonly view: DataView;
  readonly address: number;
  /** Where the device finds it. */
  readonly dma: number;
  readonly size: number;
}

/**
 * How the addresses of a host's arena become addresses of a device, and what the device may reach.
 *
 * @kernel include/linux/dma-map-ops.h struct dma_map_ops
 */
export interface DmaOps {
  /** What the device reads and writes. */
  readonly memory: DmaMemory;
  reachable(dma: number, length: number, write: boolean): boolean;
  /** Null when there is no memory; at most 65,536 bytes, aligned to 256 at least. */
  allocCoherent(size: number): CoherentMemory | null;
  freeCoherent(memory: CoherentMemory): void;
  /** {@link DMA_MAPPING_ERROR} when there is no room. */
  map(address: number, size: number, direction: DmaDirection): number;
  unmap(dma: number, size: number, direction: DmaDirection): void;
  syncForCpu(dma: number, size: number, direction: DmaDirection): void;
  syncForDevice(dma: number, size: number, direction: DmaDirection): void;
}

/** Zeroed. @kernel include/linux/dma-mapping.h dma_alloc_coherent() */
export function dmaAllocCoherent(pdev: PciDev, size: number): CoherentMemory | null {
  const memory = pdev.dma.allocCoherent(size);
  memory?.u8.fill(0, memory.address, memory.address + size);
  return memory;
}

/** @kernel include/linux/dma-mapping.h dma_free_coherent() */
export function dmaFreeCoherent(pdev: PciDev, memory: CoherentMemory): void {
  pdev.dma.freeCoherent(memory);
}

/** Lends bytes of the arena to the device. @kernel include/linux/dma-mapping.h dma_map_single() */
export function dmaMapSingle(pdev: PciDev, address: number, size: number, direction: DmaDirection): number {
  return pdev.dma.map(address, size, direction);
}

/** @kernel include/linux/dma-mapping.h dma_mapping_error() */
export function dmaMappingError(dma: number): boolean {
  return dma === DMA_MAPPING_ERROR;
}

/** The bytes are the CPU's again. @kernel include/linux/dma-mapping.h dma_unmap_single() */
export function dmaUnmapSingle(pdev: PciDev, dma: number, size: number, direction: DmaDirection): void {
  pdev.dma.unmap(dma, size, direction);
}

/** @kernel include/linux/dma-mapping.h dma_map_page() */
export function dmaMapPage(pdev: PciDev, page: number, offset: number, size: number, direction: DmaDirection): number {
  return pdev.dma.map(page + offset, size, direction);
}

/** @kernel include/linux/dma-mapping.h dma_unmap_page() */
export function dmaUnmapPage(pdev: PciDev, dma: number, size: number, direction: DmaDirection): void {
  pdev.dma.unmap(dma, size, direction);
}

/** What this floor knows of the fragments of a packet; `@stack/skb` has the whole. */
export interface FragmentTable {
  fragAddress(index: number): number;
}

/** Lends `size` bytes of fragment `index`, from `offset` on. @kernel include/linux/skbuff.h skb_frag_dma_map() */
export function skbFragDmaMap(
  pdev: PciDev,
  fragments: FragmentTable,
  index: number,
  offset: number,
  size: number,
  direction: DmaDirection,
): number {
  return pdev.dma.map(fragments.fragAddress(index) + offset, size, direction);
}

/** The CPU may look at bytes that stay mapped. @kernel include/linux/dma-mapping.h dma_sync_single_for_cpu() */
export function dmaSyncSingleForCpu(pdev: PciDev, dma: number, size: number, direction: DmaDirection): void {
  pdev.dma.syncForCpu(dma, size, direction);
}

/** The CPU has done with them. @kernel include/linux/dma-mapping.h dma_sync_single_for_device() */
export function dmaSyncSingleForDevice(pdev: PciDev, dma: number, size: number, direction: DmaDirection): void {
  pdev.dma.syncForDevice(dma, size, direction);
}
