import type { Undo } from '@stack/plugin';
import { token } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';
import type { NetDevice } from '../device/net-device.ts';
import type { SkbList } from './skb-list.ts';

/**
 * Who wants frames of an ethertype. The handler owns the skb (it may be shared: see `skbShareCheck`).
 *
 * @kernel include/linux/netdevice.h struct packet_type
 */
export interface PacketType {
  readonly name: string;
  /** Ethertype; ETH_P_ALL (3) sees everything, sent and received. */
  readonly type: number;
  /** Only frames of this device; null for all. */
  readonly dev: NetDevice | null;
  /** One packet. Returns NET_RX_*. */
  func(skb: SkBuff, dev: NetDevice, origDev: NetDevice): number;
  /** A batch of packets of one device; without it, {@link func} is called for each. */
  listFunc?(list: SkbList, dev: NetDevice): void;
}

/** @kernel net/core/dev.c dev_add_pack() */
export interface PacketTypes {
  /** Several may want the same type; each gets every frame. The same object twice throws `ERR_STACK_PACKET_TYPE_TAKEN`. */
  add(type: PacketType): Undo;
}

export const PacketTypes = token<PacketTypes>('PacketTypes', 'add netdev() to the host');
