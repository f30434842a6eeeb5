import { SEC, type Nanoseconds } from '@stack/clock';
import type { SkBuff, SkbDevice } from '@stack/skb';
import type { WheelTimer } from '@stack/softirq';
import { ARPHRD_ETHER, GSO_MAX_SEGS, GSO_MAX_SIZE, IFF_BROADCAST, IFF_MULTICAST, IFF_UP } from '../constants.ts';
import type { NapiStruct } from '../napi/napi-struct.ts';
import type { NetCore } from '../net-core.ts';
import type { PacketType } from '../receive/packet-type.ts';
import type { Qdisc } from '../transmit/qdisc.ts';
import { DeviceStats } from './device-stats.ts';
import type { HeaderOps } from './header-ops.ts';
import { NetdevQueue } from './netdev-queue.ts';

/**
 * What a driver implements. All return 0 or a negative errno, except {@link startXmit}.
 *
 * @kernel include/linux/netdevice.h struct net_device_ops
 */
export interface NetDeviceOps {
  open(dev: NetDevice): number;
  stop(dev: NetDevice): number;
  /**
   * Sends one packet. NETDEV_TX_OK: the driver owns (and later frees) it, even when it drops it.
   * NETDEV_TX_BUSY: it stays with the caller, who will try again.
   */
  startXmit(skb: SkBuff, dev: NetDevice): number;
  changeMtu?(dev: NetDevice, mtu: number): number;
  setMacAddress?(dev: NetDevice, address: Uint8Array): number;
  /** Promiscuity or the list of multicast addresses changed. */
  setRxMode?(dev: NetDevice): void;
  selectQueue?(dev: NetDevice, skb: SkBuff): number;
  /** `features` will be in use from now on. */
  setFeatures?(dev: NetDevice, features: number): number;
  /** The queue stayed full for longer than {@link NetDevice.watchdogTimeo}: the chip hangs. */
  txTimeout?(dev: NetDevice, queue: number): void;
}

/** The discipline `ingress` or `clsact` of a device. */
export interface IngressHandler {
  readonly qdisc: Qdisc;
  /** False when the packet is gone. */
  handle(skb: SkBuff): boolean;
}

/** The discipline `clsact` of a device, for what it sends. */
export interface EgressHandler {
  /** TC_ACT_OK when the packet goes on; TC_ACT_SHOT when it was dropped, TC_ACT_STOLEN when somebody took it. */
  handle(skb: SkBuff): number;
}

/**
 * A network device as the stack sees it. Drivers make one with {@link allocEtherdev}, fill in what they know and
 * hand it to `registerNetdevice`.
 *
 * @kernel include/linux/netdevice.h struct net_device
 */
export class NetDevice implements SkbDevice {
  /** `eth%d` becomes the first free name at registration. */
  name: string;
  readonly ops: NetDeviceOps;
  /** 1 for the first one of a host; 0 until registered. */
  ifindex = 0;
  /** The host's core; set by registration. */
  core!: NetCore;
  /** ARPHRD_*. */
  type = ARPHRD_ETHER;
  mtu = 1500;
  minMtu = 68;
  maxMtu = 1500;
  /** Bytes of link-layer header in front of each packet; output reserves them. */
  hardHeaderLen = 14;
  addrLen = 6;
  readonly devAddr = new Uint8Array(6);
  readonly broadcast = new Uint8Array(6).fill(0xff);
  /** Multicast addresses the device must let pass, as 12 hex digits. */
  readonly multicast = new Set<string>();
  /** IFF_*. */
  flags = IFF_BROADCAST | IFF_MULTICAST;
  promiscuity = 0;
  /** NETIF_F_* in use, and those that can be switched. */
  features = 0;
  hwFeatures = 0;
  gsoMaxSize = GSO_MAX_SIZE;
  gsoMaxSegs = GSO_MAX_SEGS;
  txQueueLen = 1000;
  headerOps: HeaderOps | null = null;
  readonly queues: NetdevQueue[];
  readonly napis: NapiStruct[] = [];
  readonly stats = new DeviceStats();
  /** Link state: false while the cable is out. */
  carrier = true;
  present = true;
  /** How long a queue may stay full until the chip is thought to hang. */
  watchdogTimeo: Nanoseconds = 5 * SEC;
  /** @internal Armed while a queue is full. */
  watchdog: WheelTimer | null = null;
  /** @internal Who sees every packet of this device, and who wants its frames of one type. */
  ptypeAll: readonly PacketType[] = [];
  ptypeSpecific: readonly PacketType[] = [];
  /** Sees received packets before anybody but taps does. @kernel net/core/dev.c sch_handle_ingress() */
  ingress: IngressHandler | null = null;
  /** Sees packets that are sent before a discipline of a queue does. @kernel net/core/dev.c sch_handle_egress() */
  egress: EgressHandler | null = null;
  /** Layer-3 state of the device, for `@stack/ipv4` (in_device). */
  ipPtr: object | null = null;
  /** What the driver keeps. */
  priv: unknown = null;

  constructor(name: string, ops: NetDeviceOps, txQueues = 1) {
    this.name = name;
    this.ops = ops;
    this.queues = Array.from({ length: txQueues }, (_, index) => new NetdevQueue(this, index));
  }

  get isUp(): boolean {
    return (this.flags & IFF_UP) !== 0;
  }

  /** @kernel include/linux/netdevice.h netif_carrier_ok() */
  get running(): boolean {
    return this.isUp && this.carrier;
  }
}

/** The device of a packet. Every skb on the packet path has one. */
export function skbDev(skb: SkBuff): NetDevice {
  return skb.dev as NetDevice;
}
