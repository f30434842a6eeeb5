import type { SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { NETDEV_TX_BUSY } from '../constants.ts';
import type { NetDevice } from '../device/net-device.ts';
import type { NetdevQueue } from '../device/netdev-queue.ts';
import { devQueueXmitNit } from '../receive/taps.ts';

/**
 * Hands a list of packets to the driver, until its ring is full. Gives back those that it did not take.
 *
 * @kernel net/core/dev.c dev_hard_start_xmit()
 */
export function devHardStartXmit(list: SkBuff, dev: NetDevice, queue: NetdevQueue): SkBuff | null {
  let skb: SkBuff | null = list;
  while (skb !== null) {
    const next: SkBuff | null = skb.next;
    skb.next = null;
    if (tracing.on) trace('dev_hard_start_xmit', skb);
    if (xmitOne(skb, dev, next !== null) === NETDEV_TX_BUSY) {
      skb.next = next;
      return skb;
    }
    if (next !== null && queue.stopped) return next;
    skb = next;
  }
  return null;
}

/** Shows the packet to the taps and the driver. @kernel net/core/dev.c xmit_one() */
function xmitOne(skb: SkBuff, dev: NetDevice, more: boolean): number {
  if (tracing.on) trace('xmit_one', skb);
  if (dev.core.ptypeAll.length > 0 || dev.ptypeAll.length > 0) devQueueXmitNit(skb, dev);
  return netdevStartXmit(skb, dev, more);
}

/** `more`: another packet follows at once, so the chip need not be told yet. @kernel include/linux/netdevice.h netdev_start_xmit() */
function netdevStartXmit(skb: SkBuff, dev: NetDevice, more: boolean): number {
  if (tracing.on) trace('netdev_start_xmit', skb);
  skb.xmitMore = more;
  return dev.ops.startXmit(skb, dev);
}
