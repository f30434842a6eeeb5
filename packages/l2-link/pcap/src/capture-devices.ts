import { NET_RX_SUCCESS, NetCore, PacketTypes, type NetDevice, type PacketType } from '@stack/netdev';
import type { Services, Undo } from '@stack/plugin';
import {
  dropReasonName,
  eth,
  ip,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PACKET_OUTGOING,
  type SkBuff,
} from '@stack/skb';
import * as format from './format.ts';
import { PacketCopy } from './packet-copy.ts';
import type { PcapWriter } from './writer.ts';

export interface DeviceCaptureOptions {
  /** Only this device, by name; all of the host unless given. */
  device?: string;
  /** Whether packets that the host drops are written once more, with the reason; no unless given. */
  drops?: boolean;
}

/** EPB_FLAGS by PACKET_*. */
const FLAGS: Record<number, number> = {
  [PACKET_HOST]: format.INBOUND | format.TO_US,
  [PACKET_BROADCAST]: format.INBOUND | format.TO_ALL,
  [PACKET_MULTICAST]: format.INBOUND | format.TO_GROUP,
  [PACKET_OTHERHOST]: format.INBOUND | format.TO_OTHERS,
  [PACKET_OUTGOING]: format.OUTBOUND,
};

/**
 * Writes what the devices of a host receive and send, as the host sees it: large packets before their segmentation,
 * and after GRO has put them together. Drops go to interfaces of their own: `eth0 drops`, and for packets that had no
 * Ethernet header yet, `eth0 drops (ip)`.
 */
export function captureDevices(services: Services, writer: PcapWriter, options: DeviceCaptureOptions = {}): Undo {
  const core = services.get(NetCore);
  const capture = new DeviceCapture(core, writer, options.device);
  const remove = services.get(PacketTypes).add(capture);
  const before = core.pool.onDrop;
  const onDrop = (skb: SkBuff, reason: number): void => {
    before?.(skb, reason);
    capture.dropped(skb, reason);
  };
  if (options.drops) core.pool.onDrop = onDrop;
  return () => {
    remove();
    if (core.pool.onDrop === onDrop) core.pool.onDrop = before;
    capture.finish();
  };
}

class DeviceCapture implements PacketType {
  readonly name = 'pcap';
  readonly type = eth.TYPE_ALL;
  readonly dev = null;
  readonly #core: NetCore;
  readonly #writer: PcapWriter;
  readonly #only: string | undefined;
  readonly #copy = new PacketCopy();
  readonly #interfaces = new Map<string, number>();
  readonly #devices = new Map<NetDevice, number>();

  constructor(core: NetCore, writer: PcapWriter, only: string | undefined) {
    this.#core = core;
    this.#writer = writer;
    this.#only = only;
  }

  func(skb: SkBuff, dev: NetDevice): number {
    if (this.#only === undefined || dev.name === this.#only) this.#write(skb, dev);
    skb.consume();
    return NET_RX_SUCCESS;
  }

  dropped(skb: SkBuff, reason: number): void {
    const name = skb.dev?.name;
    if (name === undefined || (this.#only !== undefined && name !== this.#only)) return;
    const comment = `dropped: ${dropReasonName(reason)}`;
    if (within(skb, skb.macHeader) && skb.networkHeader - skb.macHeader === eth.LENGTH) {
      const interfaceId = this.#interface(`${name} drops`, format.LINKTYPE_ETHERNET);
      this.#packet(skb, skb.macHeader, interfaceId, 0, comment);
    } else if (within(skb, skb.networkHeader) && ip.version(skb) === 4) {
      const interfaceId = this.#interface(`${name} drops (ip)`, format.LINKTYPE_RAW);
      this.#packet(skb, skb.networkHeader, interfaceId, 0, comment);
    }
  }

  finish(): void {
    const now = this.#core.clock.now();
    for (const [{ stats }, interfaceId] of this.#devices) {
      this.#writer.statistics(interfaceId, now, stats.rxPackets, stats.rxDropped + stats.rxMissed);
    }
    this.#devices.clear();
    this.#writer.flush();
  }

  #write(skb: SkBuff, dev: NetDevice): void {
    const interfaceId = this.#interface(dev.name, format.LINKTYPE_ETHERNET);
    this.#devices.set(dev, interfaceId);
    this.#packet(skb, skb.macHeader, interfaceId, FLAGS[skb.pktType] ?? 0, '');
  }

  #packet(skb: SkBuff, from: number, interfaceId: number, flags: number, comment: string): void {
    this.#copy.take(skb, from);
    const at = this.#core.clock.now();
    this.#writer.packet({ interfaceId, at, flags, comment }, this.#copy.bytes, 0, this.#copy.length);
  }

  #interface(name: string, linkType: number): number {
    const known = this.#interfaces.get(name) ?? this.#writer.addInterface({ name, linkType });
    this.#interfaces.set(name, known);
    return known;
  }
}

/** Whether a header lies in the linear part, rather than being a relic of another life of the packet. */
function within(skb: SkBuff, header: number): boolean {
  return header >= skb.head && header !== 0 && header < skb.tail;
}
