import { PACKET_OUTGOING, skbClone, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { NetDevice } from '../device/net-device.ts';
import { deliverSkb } from './deliver.ts';
import type { PacketType } from './packet-type.ts';

/**
 * Shows a packet that leaves to those who see everything. They share one clone.
 *
 * @kernel net/core/dev.c dev_queue_xmit_nit()
 */
export function devQueueXmitNit(skb: SkBuff, dev: NetDevice): void {
  if (tracing.on) trace('dev_queue_xmit_nit', skb);
  const clone = skbClone(skb);
  clone.resetMacHeader();
  clone.pktType = PACKET_OUTGOING;
  clone.tstamp = dev.core.clock.now();
  show(clone, dev, dev.core.ptypeAll);
  show(clone, dev, dev.ptypeAll);
  clone.consume();
}

function show(skb: SkBuff, dev: NetDevice, taps: readonly PacketType[]): void {
  for (let i = 0; i < taps.length; i++) deliverSkb(skb, taps[i], dev);
}
