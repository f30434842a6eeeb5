import { dmaAllocCoherent, dmaFreeCoherent, type PciDev } from '@stack/pci';
import { ENOMEM } from '@stack/plugin';
import type { E1000Adapter } from '../adapter.ts';
import { DESC_SIZE } from '../descriptors.ts';
import type { E1000RxRing } from '../receive/rx-ring.ts';
import type { E1000TxRing } from '../transmit/tx-ring.ts';

const PAGE_SIZE = 4096;

/** Memory for the descriptors. 0 or -ENOMEM. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_setup_all_tx_resources() */
export function e1000SetupAllTxResources({ pdev, txRing }: E1000Adapter): number {
  return setupRing(pdev, txRing);
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_setup_all_rx_resources() */
export function e1000SetupAllRxResources({ pdev, rxRing }: E1000Adapter): number {
  return setupRing(pdev, rxRing);
}

/** In whole pages, which begin at a page. */
function setupRing(pdev: PciDev, ring: E1000TxRing | E1000RxRing): number {
  const size = Math.ceil((ring.count * DESC_SIZE) / PAGE_SIZE) * PAGE_SIZE;
  const memory = dmaAllocCoherent(pdev, size);
  if (memory === null) return -ENOMEM;
  ring.memory = memory;
  ring.view = memory.view;
  ring.base = memory.address;
  ring.nextToUse = 0;
  ring.nextToClean = 0;
  return 0;
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_free_all_tx_resources() */
export function e1000FreeAllTxResources({ pdev, txRing }: E1000Adapter): void {
  freeRing(pdev, txRing);
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_free_all_rx_resources() */
export function e1000FreeAllRxResources({ pdev, rxRing }: E1000Adapter): void {
  freeRing(pdev, rxRing);
}

function freeRing(pdev: PciDev, ring: E1000TxRing | E1000RxRing): void {
  if (ring.memory !== null) dmaFreeCoherent(pdev, ring.memory);
  ring.memory = null;
}
