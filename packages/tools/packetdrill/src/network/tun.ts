import { Clock } from '@stack/clock';
import type { Device, DeviceSettings } from '@stack/host';
import {
  ARPHRD_NONE,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_POINTOPOINT,
  NetCore,
  NetDevice,
  NETDEV_TX_OK,
  NETIF_F_FRAGLIST,
  NETIF_F_HW_CSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO_ECN,
  netifRx,
  netifStartQueue,
  netifStopQueue,
  registerNetdevice,
} from '@stack/netdev';
import type { Services } from '@stack/plugin';
import { kmallocRoundup, NET_SKB_PAD, skbCopyToBytes, skbOrphanFrags, skbTxTimestamp, type SkBuff } from '@stack/skb';

/** A packet that went out, and when in nanoseconds. */
export interface Emitted {
  readonly at: number;
  readonly bytes: Uint8Array;
}

const ETH_P_IP = 0x0800;
const MAX_MTU = 65_535;

/**
 * A device that carries IP packets between the host and a script, as Linux's tun does: no link layer, any size of
 * packet, and what is sent is done with at once.
 */
export class Tun {
  readonly #services: Services;
  readonly #clock: Clock;
  readonly dev: NetDevice;
  /** What nobody has taken yet, the oldest first. */
  readonly sent: Emitted[] = [];

  constructor(services: Services, name: string) {
    this.#services = services;
    this.#clock = services.get(Clock);
    this.dev = new NetDevice(name, {
      open: (dev) => {
        netifStartQueue(dev);
        return 0;
      },
      stop: (dev) => {
        netifStopQueue(dev);
        return 0;
      },
      startXmit: (skb) => this.#xmit(skb),
    });
    const { dev } = this;
    dev.type = ARPHRD_NONE;
    dev.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
    dev.hardHeaderLen = 0;
    dev.addrLen = 0;
    dev.maxMtu = MAX_MTU;
    dev.txQueueLen = 500;
    dev.hwFeatures = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO_ECN;
    dev.features = dev.hwFeatures;
    registerNetdevice(services.get(NetCore), dev);
  }

  /** A packet comes in. With `gsoSize` it stands for segments with so many bytes of payload each. */
  receive(bytes: Uint8Array, gsoSize = 0, payload = 0): void {
    const { pool } = this.#services.get(NetCore);
    // With all the room that the kernel's buffer would have: later data may be copied there.
    const skb = pool.alloc(kmallocRoundup(NET_SKB_PAD + bytes.length));
    if (skb === null) throw new Error('the packet memory is full');
    skb.reserve(NET_SKB_PAD);
    skb.putData(bytes);
    skb.resetMacHeader();
    skb.resetNetworkHeader();
    skb.dev = this.dev;
    skb.protocol = ETH_P_IP;
    if (gsoSize > 0 && payload > gsoSize) {
      skb.shinfo.gsoSize = gsoSize;
      skb.shinfo.gsoSegs = Math.ceil(payload / gsoSize);
    }
    netifRx(skb);
  }

  #xmit(skb: SkBuff): number {
    skbOrphanFrags(skb);
    skbTxTimestamp(skb);
    const bytes = new Uint8Array(skb.len);
    skbCopyToBytes(skb, 0, bytes, 0, skb.len);
    this.sent.push({ at: this.#clock.now(), bytes });
    this.dev.stats.txPackets++;
    this.dev.stats.txBytes += skb.len;
    skb.consume();
    return NETDEV_TX_OK;
  }
}

/** The device as it is listed in a host; `made` is told of it. */
export function tunDevice(settings: DeviceSettings, made: (tun: Tun) => void): Device {
  return {
    ...settings,
    plugIn({ name, services }) {
      const tun = new Tun(services, name);
      made(tun);
      return tun.dev;
    },
  };
}
