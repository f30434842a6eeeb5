import type { SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { skbDev, type NetDevice } from '../device/net-device.ts';
import type { PacketType } from './packet-type.ts';

/** Gives a handler a share of the packet; another handler will follow. @kernel net/core/dev.c deliver_skb() */
export function deliverSkb(skb: SkBuff, type: PacketType, origDev: NetDevice): number {
  if (tracing.on) trace('deliver_skb', skb, type.name);
  return type.func(skb.get(), skbDev(skb), origDev);
}
