import type { DeviceSlot } from '@stack/host';
import type { NapiStruct, NetCore, NetDevice } from '@stack/netdev';
import type { Container, Plugin } from '@stack/plugin';
import { SKBTX_SW_TSTAMP, Skbs, skbCopyToBytes, type SkbSock, type SkBuff, type SkbPool } from '@stack/skb';
import { concat } from '../checksum.ts';
import { testHost } from '../host.ts';
import { machine, type Machine } from '../machine.ts';

/** A driver under test, and the wire behind it. */
export interface DriverWire {
  /** Makes the device and registers it, as `Device.plugIn` of `@stack/host` does. */
  plugIn(slot: DeviceSlot): NetDevice;
  /** Puts a frame on the wire, towards the device. It is lent for the call. */
  deliver(frame: Uint8Array): void;
  /** Frames that the device put on the wire, in order. */
  readonly sent: readonly Uint8Array[];
  /** Waits until the wire has done its work; for wires that do not live in virtual time. */
  settle?(): Promise<void>;
  /** Gives back what the wire holds. */
  close?(): void;
}

/** An ethertype that nobody else has: for local experiments. */
const EXPERIMENT = 0x88b5;

/** A packet that came up. */
interface Arrived {
  readonly bytes: Uint8Array;
  readonly dev: NetDevice;
  readonly context: string;
}

/** A host with the device in it, opened. */
export class DriverBench {
  readonly lab: Machine;
  readonly host: Container;
  readonly core: NetCore;
  readonly dev: NetDevice;
  readonly pool: SkbPool;
  readonly wire: DriverWire;
  readonly arrived: Arrived[] = [];
  /** What polls did that a poll must not. */
  readonly polls: string[] = [];
  readonly #open: () => number;
  readonly #close: () => void;
  readonly #send: (skb: SkBuff) => number;

  private constructor(
    parts: Pick<DriverBench, 'lab' | 'host' | 'core' | 'dev' | 'wire'>,
    net: typeof import('@stack/netdev'),
  ) {
    this.lab = parts.lab;
    this.host = parts.host;
    this.core = parts.core;
    this.dev = parts.dev;
    this.wire = parts.wire;
    this.pool = this.host.get(Skbs);
    this.#open = () => net.devOpen(this.dev);
    this.#close = () => net.devClose(this.dev);
    this.#send = net.devQueueXmit;
    for (const napi of this.dev.napis) watchPoll(napi, this.polls);
    this.host.get(net.PacketTypes).add({
      name: 'driver contract',
      type: EXPERIMENT,
      dev: null,
      func: (skb, dev) => {
        const bytes = new Uint8Array(skb.len);
        skbCopyToBytes(skb, 0, bytes, 0, skb.len);
        this.arrived.push({ bytes, dev, context: this.core.softnet.cpu.context });
        skb.consume();
        return 0;
      },
    });
  }

  static async make(makeWire: (lab: Machine) => DriverWire, needs: readonly Plugin[]): Promise<DriverBench> {
    const net = await import('@stack/netdev');
    const lab = machine({ timers: true });
    const host = testHost(lab, 'alice', [net.netdev(), ...needs]);
    const wire = makeWire(lab);
    const dev = wire.plugIn({ name: 'eth0', services: host });
    return new DriverBench({ lab, host, core: host.get(net.NetCore), dev, wire }, net);
  }

  async open(): Promise<number> {
    const answer = this.#open();
    await this.settle();
    return answer;
  }

  async shut(): Promise<void> {
    this.#close();
    await this.settle();
  }

  /** A second for the wire and for the host. */
  async settle(): Promise<void> {
    this.lab.clock.runFor(1e9);
    if (this.wire.settle === undefined) return;
    await this.wire.settle();
    this.lab.clock.runFor(1e9);
  }

  /** A frame for the device, `length` bytes with its header. */
  frame(length: number, salt = 0): Uint8Array {
    const header = concat(this.dev.devAddr, Uint8Array.of(2, 0, 0, 0, 0, 9, EXPERIMENT >>> 8, EXPERIMENT & 0xff));
    return concat(
      header,
      Uint8Array.from({ length: length - header.length }, (_, i) => (i * 13 + salt) & 0xff),
    );
  }

  /**
   * Sends a frame through the device, its payload in a fragment if the device can do that and one asks for it, and for `sk`, which
   * wants to know when.
   */
  send(frame: Uint8Array, fragment = false, sk: SkbSock | null = null): number {
    const linear = fragment ? 14 : frame.length;
    const skb = this.pool.alloc(64 + linear)!;
    skb.reserve(64);
    skb.putData(frame.subarray(0, linear));
    skb.resetMacHeader();
    skb.networkHeader = skb.data + 14;
    if (fragment) {
      const page = this.pool.arena.alloc(frame.length - linear);
      this.pool.arena.u8.set(frame.subarray(linear), page);
      skb.addFrag(page, 0, frame.length - linear, frame.length - linear);
    }
    skb.dev = this.dev;
    skb.protocol = EXPERIMENT;
    skb.sk = sk;
    if (sk !== null) skb.shinfo.txFlags = SKBTX_SW_TSTAMP;
    return this.#send(skb);
  }

  close(): void {
    this.host.close();
    this.wire.close?.();
  }
}

/** Looks at every poll: no more than its budget, and done with fewer. */
function watchPoll(napi: NapiStruct, problems: string[]): void {
  const { poll } = napi;
  const watched = (self: NapiStruct, budget: number): number => {
    const work = poll(self, budget);
    if (!(work >= 0 && work <= budget)) problems.push(`a poll with a budget of ${budget} took ${work} packets`);
    if (work === budget && budget > 0 && !self.scheduled)
      problems.push('a poll that spent its budget called napiCompleteDone');
    return work;
  };
  Object.defineProperty(napi, 'poll', { value: watched });
}
