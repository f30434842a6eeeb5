import { reciprocalScale, skbGetHash, type SkBuff } from '@stack/skb';
import type { NetDevice } from '../device/net-device.ts';
import type { NetdevQueue } from '../device/netdev-queue.ts';

/** Which queue of the device the packet takes. @kernel net/core/dev.c netdev_core_pick_tx() */
export function netdevCorePickTx(dev: NetDevice, skb: SkBuff): NetdevQueue {
  const count = dev.queues.length;
  if (count === 1) {
    skb.queueMapping = 0;
    return dev.queues[0];
  }
  const chosen = dev.ops.selectQueue?.(dev, skb) ?? skbTxHash(skb, count);
  skb.queueMapping = chosen < count ? chosen : 0;
  return dev.queues[skb.queueMapping];
}

/** Packets of one flow stay in one queue, so they stay in order. @kernel net/core/dev.c skb_tx_hash() */
function skbTxHash(skb: SkBuff, count: number): number {
  return reciprocalScale(skbGetHash(skb), count);
}
