import { allocEtherdev, NETDEV_TX_BUSY, NETDEV_TX_OK, netifStartQueue, netifStopQueue, NetCore } from '@stack/netdev';
import { devOpen, parseEthAddress, registerNetdevice, type NetDevice, type NetDeviceOps } from '@stack/netdev';
import type { Container } from '@stack/plugin';
import { skbCopyToBytes, type SkBuff, type SkbPool } from '@stack/skb';

/** A chip with a ring of `room` packets, which it sends when told to. */
export class FakeDevice {
  readonly dev: NetDevice;
  readonly ring: SkBuff[] = [];
  /** Frames sent, as bytes, and whether the driver was told that more follow. */
  readonly sent: Uint8Array[] = [];
  readonly more: boolean[] = [];
  room = Infinity;
  /** Answers BUSY although the queue was not stopped, so often. */
  busy = 0;
  /** Whether the driver stops its queue when the ring is full. */
  stops = true;

  constructor(
    host: Container,
    options: { name?: string; features?: number; txQueues?: number; ops?: Partial<NetDeviceOps> } = {},
  ) {
    this.dev = allocEtherdev(
      options.name ?? 'eth%d',
      {
        open: (dev) => {
          for (const queue of dev.queues) queue.stopped = false;
          netifStartQueue(dev);
          return 0;
        },
        stop: () => {
          for (const skb of this.ring.splice(0)) skb.consume();
          return 0;
        },
        startXmit: (skb) => this.#startXmit(skb),
        ...options.ops,
      },
      options.txQueues,
    );
    this.dev.features = options.features ?? 0;
    this.dev.devAddr.set(parseEthAddress('02:00:00:00:00:02'));
    registerNetdevice(host.get(NetCore), this.dev);
    devOpen(this.dev);
  }

  #startXmit(skb: SkBuff): number {
    if (this.busy > 0 || this.ring.length >= this.room) {
      this.busy--;
      return NETDEV_TX_BUSY;
    }
    this.ring.push(skb);
    this.sent.push(bytesOf(skb));
    this.more.push(skb.xmitMore);
    if (this.stops && this.ring.length >= this.room) netifStopQueue(this.dev);
    return NETDEV_TX_OK;
  }

  /** The chip has sent all: the driver frees them. */
  complete(): void {
    for (const skb of this.ring.splice(0)) skb.consume();
  }
}

export function bytesOf(skb: SkBuff): Uint8Array {
  const bytes = new Uint8Array(skb.len);
  skbCopyToBytes(skb, 0, bytes, 0, skb.len);
  return bytes;
}

/** A buffer with these bytes, and the headers of an IPv4 frame set. */
export function frameSkb(pool: SkbPool, frame: Uint8Array, headroom = 64): SkBuff {
  const skb = pool.alloc(headroom + frame.length)!;
  skb.reserve(headroom);
  pool.arena.u8.set(frame, skb.put(frame.length));
  skb.resetMacHeader();
  skb.networkHeader = skb.data + 14;
  skb.protocol = (frame[12] << 8) | frame[13];
  if (skb.protocol === 0x0800) skb.transportHeader = skb.networkHeader + ((frame[14] & 0x0f) << 2);
  return skb;
}
