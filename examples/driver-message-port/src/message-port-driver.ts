import type { Task } from '@stack/clock';
import { Clock, Random } from '@stack/clock';
import type { Device, DeviceSettings, DeviceSlot } from '@stack/host';
import {
  allocEtherdev,
  ethMacAddr,
  ethTypeTrans,
  NetCore,
  NETDEV_TX_OK,
  netifRx,
  netifStartQueue,
  netifStopQueue,
  parseEthAddress,
  randomEthAddress,
  registerNetdevice,
  type NetDevice,
} from '@stack/netdev';
import { eth, NET_IP_ALIGN, NET_SKB_PAD, skbCopyToBytes, skbTxTimestamp, type SkBuff } from '@stack/skb';

/** What is needed of a port: those of workers, of the page and of Node have it. */
export interface FramePort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

export interface MessagePortOptions extends DeviceSettings {
  readonly port: FramePort;
  /** Random unless given. */
  readonly mac?: string;
}

/** Frames go out and come in as messages, each a Uint8Array. The port stays open: who made it closes it. */
class MessagePortDriver implements Task {
  readonly dev: NetDevice;
  readonly #port: FramePort;
  readonly #clock: Clock;
  #frames: Uint8Array[] = [];

  constructor(name: string, port: FramePort, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
    this.dev = allocEtherdev(name, {
      open: (dev) => {
        netifStartQueue(dev);
        return 0;
      },
      stop: (dev) => {
        netifStopQueue(dev);
        return 0;
      },
      startXmit: (skb) => this.#xmit(skb),
      setMacAddress: ethMacAddr,
    });
    port.onmessage = ({ data }) => this.#message(data);
  }

  #xmit(skb: SkBuff): number {
    const frame = new Uint8Array(skb.len);
    skbCopyToBytes(skb, 0, frame, 0, skb.len);
    skbTxTimestamp(skb);
    skb.consume();
    this.dev.stats.txPackets++;
    this.dev.stats.txBytes += frame.length;
    this.#port.postMessage(frame, [frame.buffer]);
    return NETDEV_TX_OK;
  }

  /** A message may come at any time: the frames in it are taken in as a task of the clock. */
  #message(data: unknown): void {
    if (!(data instanceof Uint8Array)) return;
    if (this.#frames.push(data) === 1) this.#clock.post(this);
  }

  run(): void {
    const frames = this.#frames;
    this.#frames = [];
    for (const frame of frames) this.#receive(frame);
  }

  #receive(frame: Uint8Array): void {
    const { dev } = this;
    if (!dev.isUp) return;
    if (frame.length < eth.LENGTH || frame.length > dev.mtu + eth.LENGTH) {
      dev.stats.rxErrors++;
      return;
    }
    const skb = dev.core.pool.alloc(NET_SKB_PAD + NET_IP_ALIGN + frame.length);
    if (skb === null) {
      dev.stats.rxDropped++;
      return;
    }
    skb.reserve(NET_SKB_PAD + NET_IP_ALIGN);
    skb.putData(frame);
    skb.protocol = ethTypeTrans(skb, dev);
    dev.stats.rxPackets++;
    dev.stats.rxBytes += frame.length;
    netifRx(skb);
  }
}

/** `devices: { eth0: messagePort({ port, address: '10.0.0.1/24' }) }` */
export function messagePort({ port, mac, ...settings }: MessagePortOptions): Device {
  const plugIn = ({ name, services }: DeviceSlot): NetDevice => {
    const { dev } = new MessagePortDriver(name, port, services.get(Clock));
    dev.devAddr.set(mac === undefined ? randomEthAddress(services.get(Random)) : parseEthAddress(mac));
    registerNetdevice(services.get(NetCore), dev);
    return dev;
  };
  return { ...settings, plugIn };
}
