import { eth, ip, type SkBuff } from '@stack/skb';
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
  if (skb.hash === 0) skb.hash = flowHash(skb);
  return Math.floor(((skb.hash >>> 0) * count) / 2 ** 32);
}

/** @kernel net/core/flow_dissector.c __skb_get_hash() */
function flowHash(skb: SkBuff): number {
  if (skb.protocol !== eth.TYPE_IPV4 || skb.networkHeader === 0) return 1;
  const ports = hasPorts(skb) ? skb.arena.view.getInt32(skb.networkHeader + ip.headerLength(skb)) : 0;
  let hash = Math.imul(ip.saddr(skb) ^ Math.imul(ip.daddr(skb), 0x9e3779b1), 0x85ebca6b) ^ ports;
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 1;
}

function hasPorts(skb: SkBuff): boolean {
  const protocol = ip.protocol(skb);
  if (protocol !== ip.PROTO_TCP && protocol !== ip.PROTO_UDP) return false;
  return !ip.isFragment(skb) && skb.networkHeader + ip.headerLength(skb) + 4 <= skb.tail;
}
