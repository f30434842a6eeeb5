import { GSO_MAX_SIZE, NETDEV_TX_BUSY, NETDEV_TX_OK, netifStopQueue } from '@stack/netdev';
import type { NetDevice } from '@stack/netdev';
import { DropReason, eth, MAX_SKB_FRAGS, skbTxTimestamp, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { e1000Priv, type E1000Adapter } from '../adapter.ts';
import { TDT } from '../registers.ts';
import { E1000_TX_FLAGS_CSUM, E1000_TX_FLAGS_IPV4, E1000_TX_FLAGS_TSO, E1000_TX_FLAGS_VLAN } from './flags.ts';
import { e1000Tso, e1000TxCsum } from './offload.ts';
import { e1000TxMap, MAX_DATA_PER_TXD } from './tx-map.ts';
import { e1000TxQueue } from './tx-queue.ts';
import type { E1000TxRing } from './tx-ring.ts';

/**
 * Descriptors that the largest packet can take: its bytes in full pieces, one broken piece for the linear part and
 * each fragment, and a context. The queue stops when fewer are left.
 */
export const TX_DESC_NEEDED = GSO_MAX_SIZE / MAX_DATA_PER_TXD + 1 + MAX_SKB_FRAGS + 1;

/**
 * Hands one packet to the chip. The chip is told with the last one of a batch.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_xmit_frame()
 */
export function e1000XmitFrame(skb: SkBuff, dev: NetDevice): number {
  if (tracing.on) trace('e1000_xmit_frame', skb);
  const adapter = e1000Priv(dev);
  const ring = adapter.txRing;
  if (e1000MaybeStopTx(adapter, ring, TX_DESC_NEEDED)) return NETDEV_TX_BUSY;
  const first = ring.nextToUse;
  const more = skb.xmitMore;
  const flags = offloadFlags(ring, skb);
  const count = flags < 0 ? 0 : e1000TxMap(adapter, ring, skb, first);
  if (count === 0) {
    ring.nextToUse = first;
    dev.stats.txDropped++;
    skb.drop(DropReason.NOMEM);
  } else {
    skbTxTimestamp(skb);
    e1000TxQueue(adapter, ring, flags, skb.vlanTci, count);
    e1000MaybeStopTx(adapter, ring, TX_DESC_NEEDED);
  }
  if (!more || dev.queues[0].stopped) adapter.hw.write(TDT, ring.nextToUse);
  return NETDEV_TX_OK;
}

/** What the chip shall do for the packet, with a context if it needs one; -1 when memory is lacking. */
function offloadFlags(ring: E1000TxRing, skb: SkBuff): number {
  let flags = skb.vlanPresent ? E1000_TX_FLAGS_VLAN : 0;
  if (skb.isGso) {
    if (!e1000Tso(ring, skb)) return -1;
    flags |= E1000_TX_FLAGS_TSO;
  } else if (e1000TxCsum(ring, skb)) {
    flags |= E1000_TX_FLAGS_CSUM;
  }
  return skb.protocol === eth.TYPE_IPV4 ? flags | E1000_TX_FLAGS_IPV4 : flags;
}

/**
 * Stops the queue when fewer than `size` descriptors are free. Completion happens in a task of its own, so that none
 * can come free in between.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_maybe_stop_tx()
 */
function e1000MaybeStopTx(adapter: E1000Adapter, ring: E1000TxRing, size: number): boolean {
  if (ring.unused >= size) return false;
  netifStopQueue(adapter.dev);
  return true;
}
