import {
  allocEtherdev,
  devOpen,
  ethTypeTrans,
  NetCore,
  netdev,
  NETDEV_TX_OK,
  netifRx,
  netifStartQueue,
  parseEthAddress,
  registerNetdevice,
  type NetDevice,
} from '@stack/netdev';
import { arp } from '@stack/neigh';
import { loopback } from '@stack/loopback';
import { netfilter } from '@stack/netfilter';
import type { Container, Plugin } from '@stack/plugin';
import { skbCopyToBytes, type SkBuff } from '@stack/skb';
import { decodeFrame, testHost, type TestHostOptions, type DecodedFrame, type Machine } from '@stack/testing';
import { IpOutput, Ipv4, ipv4, type NetnsIpv4 } from '@stack/ipv4';

/** A host with devices that are wires. */
export class Station {
  readonly lab: Machine;
  readonly host: Container;
  readonly net: NetnsIpv4;
  readonly core: NetCore;
  readonly ip: IpOutput;

  constructor(lab: Machine, name: string, plugins: readonly Plugin[] = [], options: TestHostOptions = {}) {
    this.lab = lab;
    this.host = testHost(lab, name, [netdev(), loopback(), arp(), netfilter(), ipv4(), ...plugins], options);
    this.net = this.host.get(Ipv4);
    this.core = this.host.get(NetCore);
    this.ip = this.host.get(IpOutput);
  }

  /** A device with a MAC address and perhaps IPv4 addresses, which is up. */
  wire(mac: string, ...addresses: string[]): Wire {
    const wire = new Wire(this, mac);
    for (const address of addresses) this.net.addAddress(wire.dev, address);
    return wire;
  }
}

/** One end of a link: keeps what is sent, and hands it to the other end if there is one. */
export class Wire {
  readonly station: Station;
  readonly dev: NetDevice;
  readonly bytes: Uint8Array[] = [];
  peer: Wire | null = null;

  constructor(station: Station, mac: string) {
    this.station = station;
    this.dev = allocEtherdev('eth%d', {
      open: (dev) => {
        netifStartQueue(dev);
        return 0;
      },
      stop: () => 0,
      startXmit: (skb) => this.#xmit(skb),
    });
    this.dev.txQueueLen = 0;
    this.dev.devAddr.set(parseEthAddress(mac));
    registerNetdevice(station.core, this.dev);
    devOpen(this.dev);
  }

  /** Frames sent since the last call, taken apart. */
  take(): DecodedFrame[] {
    return this.bytes.splice(0).map(decodeFrame);
  }

  /** A frame arrives; everything that follows at once is done when this returns. */
  receive(...frames: Uint8Array[]): void {
    for (const frame of frames) this.arrive(frame);
    this.station.lab.clock.drain();
  }

  arrive(frame: Uint8Array): void {
    const { pool, cpus, arena } = this.station.core;
    const skb = pool.alloc(64 + frame.length)!;
    skb.reserve(64);
    arena.u8.set(frame, skb.put(frame.length));
    skb.protocol = ethTypeTrans(skb, this.dev);
    cpus.boot.localBhDisable();
    netifRx(skb);
    cpus.boot.localBhEnable();
  }

  #xmit(skb: SkBuff): number {
    const frame = new Uint8Array(skb.len);
    skbCopyToBytes(skb, 0, frame, 0, skb.len);
    skb.consume();
    this.bytes.push(frame);
    const { peer } = this;
    if (peer !== null) this.station.lab.clock.post({ run: () => peer.arrive(frame) });
    return NETDEV_TX_OK;
  }
}

export function connect(a: Wire, b: Wire): void {
  a.peer = b;
  b.peer = a;
}
