import { netifQueueStopped, netifWakeQueue } from '@stack/netdev';
import { DropReason } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { E1000Adapter } from '../adapter.ts';
import { DESC_SIZE, DESC_UPPER, TXD_STAT_DD } from '../descriptors.ts';
import { unmapTxSlot } from './tx-map.ts';
import type { E1000TxRing } from './tx-ring.ts';
import { TX_DESC_NEEDED } from './xmit-frame.ts';

/**
 * Frees the packets that the chip has sent, and lets the queue go on when there is room for any packet.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_clean_tx_irq()
 */
export function e1000CleanTxIrq(adapter: E1000Adapter, ring: E1000TxRing): void {
  const { view, base, nextToUse } = ring;
  let slot = ring.nextToClean;
  if (slot === nextToUse) return;
  let packets = 0;
  let bytes = 0;
  while (slot !== nextToUse) {
    const eop = ring.nextToWatch[slot];
    if ((view.getInt32(base + eop * DESC_SIZE + DESC_UPPER, true) & TXD_STAT_DD) === 0) break;
    packets += ring.segs[eop];
    bytes += ring.bytecount[eop];
    slot = e1000UnmapAndFreeTx(adapter, ring, slot, eop);
  }
  if (packets === 0) return;
  ring.nextToClean = slot;
  const { dev, itr } = adapter;
  dev.stats.txPackets += packets;
  dev.stats.txBytes += bytes;
  itr.count(packets, bytes);
  if (netifQueueStopped(dev) && dev.carrier && ring.unused >= TX_DESC_NEEDED) {
    adapter.restartQueue++;
    netifWakeQueue(dev);
  }
}

/** Gives back all slots of a packet, from `slot` to `eop`, and the packet. Returns the slot after it. */
function e1000UnmapAndFreeTx(adapter: E1000Adapter, ring: E1000TxRing, first: number, eop: number): number {
  let slot = first;
  for (;;) {
    unmapTxSlot(adapter.pdev, ring, slot);
    const last = slot === eop;
    slot = slot + 1 === ring.count ? 0 : slot + 1;
    if (last) break;
  }
  const skb = ring.skb[eop]!;
  if (tracing.on) trace('e1000_clean_tx_irq', skb);
  ring.skb[eop] = null;
  skb.consume();
  return slot;
}

/**
 * Drops what the chip has not sent; it no longer reads the ring.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_clean_tx_ring()
 */
export function e1000CleanTxRing(adapter: E1000Adapter, ring: E1000TxRing): void {
  for (let slot = 0; slot < ring.count; slot++) {
    unmapTxSlot(adapter.pdev, ring, slot);
    ring.skb[slot]?.drop(DropReason.DEV_READY);
    ring.skb[slot] = null;
  }
  ring.nextToUse = 0;
  ring.nextToClean = 0;
}
