import type { SkBuff } from '@stack/skb';
import type { NetDevice } from './net-device.ts';

/**
 * How a link layer writes its header.
 *
 * @kernel include/linux/netdevice.h struct header_ops
 */
export interface HeaderOps {
  /**
   * Pushes a header. `source` may be null for the device's own address; without a `destination` the header stays
   * incomplete. Returns its length, negated when it is incomplete.
   */
  create(skb: SkBuff, dev: NetDevice, type: number, destination: Uint8Array | null, source: Uint8Array | null): number;
  /** Whether complete headers may be cached by neighbours and copied in front of packets. */
  readonly cacheable: boolean;
}
