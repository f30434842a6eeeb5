import { ethTypeTrans, napiGroReceive } from '@stack/netdev';
import { CHECKSUM_UNNECESSARY, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { E1000Adapter } from '../adapter.ts';
import { RXD_ERR_TCPE, RXD_SPECIAL_SHIFT, RXD_STAT_IXSM, RXD_STAT_TCPCS, RXD_STAT_VP } from '../descriptors.ts';

/**
 * Takes over the chip's verdict on the TCP or UDP checksum. A wrong one is left to software, which counts it.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_rx_checksum()
 */
export function e1000RxChecksum(adapter: E1000Adapter, status: number, skb: SkBuff): void {
  if (!adapter.rxCsum || (status & RXD_STAT_IXSM) !== 0) return;
  if ((status & RXD_ERR_TCPE) !== 0) {
    adapter.hwCsumErr++;
    return;
  }
  if ((status & RXD_STAT_TCPCS) === 0) return;
  skb.ipSummed = CHECKSUM_UNNECESSARY;
  adapter.hwCsumGood++;
}

/**
 * Hands a frame up, with the tag that the chip took out of it. `status` is word 3 of its descriptor.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_receive_skb()
 */
export function e1000ReceiveSkb(adapter: E1000Adapter, status: number, skb: SkBuff): void {
  if (tracing.on) trace('e1000_receive_skb', skb);
  skb.protocol = ethTypeTrans(skb, adapter.dev);
  if ((status & RXD_STAT_VP) !== 0) {
    skb.vlanPresent = true;
    skb.vlanTci = status >>> RXD_SPECIAL_SHIFT;
  }
  napiGroReceive(adapter.napi, skb);
}
