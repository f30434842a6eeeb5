import type { NetdevQueue, Qdisc } from '@stack/netdev';
import type { Container, Plugin } from '@stack/plugin';
import { Skbs, type SkBuff, type SkbPool } from '@stack/skb';
import { testHost } from '../host.ts';
import { machine, type Machine } from '../machine.ts';
import { udpFrame } from '../frames.ts';

const FLOWS = 16;
/** Time given to a discipline that holds packets back, in steps. */
const STEP = 1e6;
const PATIENCE = 100_000;

/** One discipline before a queue, with everything that goes in and out noted. */
export class QdiscBench {
  readonly lab: Machine;
  readonly host: Container;
  readonly pool: SkbPool;
  readonly queue: NetdevQueue;
  readonly qdisc: Qdisc;
  /** Packets inside, with their bytes; and those that were dropped, with the reason. */
  readonly inside = new Map<SkBuff, number>();
  readonly dropped: number[] = [];
  taken = 0;
  /** What reached the device, to which the core alone may give packets. */
  readonly device: { transmitted: number };

  private constructor(
    lab: Machine,
    host: Container,
    device: { transmitted: number },
    queue: NetdevQueue,
    qdisc: Qdisc,
  ) {
    const pool = host.get(Skbs);
    this.lab = lab;
    this.host = host;
    this.pool = pool;
    this.device = device;
    this.queue = queue;
    this.qdisc = qdisc;
    pool.onDrop = (skb, reason) => {
      if (!this.inside.delete(skb)) return;
      this.dropped.push(reason);
    };
  }

  /** `strict`: the host looks at what the discipline does, call by call. */
  static async make(
    create: (queue: NetdevQueue) => Qdisc,
    needs: readonly Plugin[],
    seed = 1,
    strict = true,
  ): Promise<QdiscBench> {
    const net = await import('@stack/netdev');
    const lab = machine({ seed, timers: true });
    const host = testHost(lab, 'alice', [net.netdev(), ...needs], { strict });
    const device = { transmitted: 0 };
    const startXmit = (): number => {
      device.transmitted++;
      return net.NETDEV_TX_BUSY;
    };
    const dev = net.allocEtherdev('eth%d', { open: () => 0, stop: () => 0, startXmit });
    net.registerNetdevice(host.get(net.NetCore), dev);
    return new QdiscBench(lab, host, device, dev.queues[0], create(dev.queues[0]));
  }

  /** A frame of UDP: one of a few flows, of some size and priority. */
  packet(bytes = 60 + this.lab.random.below(1400), flow = this.lab.random.below(FLOWS)): SkBuff {
    const payload = new Uint8Array(Math.max(0, bytes - 42));
    const frame = udpFrame({ source: `10.0.0.${flow + 1}`, sourcePort: 1000 + flow, destinationPort: 80, payload });
    const skb = this.pool.alloc(frame.length)!;
    skb.putData(frame);
    skb.resetMacHeader();
    skb.networkHeader = skb.data + 14;
    skb.transportHeader = skb.data + 34;
    skb.protocol = 0x0800;
    skb.dev = this.queue.dev;
    skb.priority = flow % 8;
    return skb;
  }

  put(skb: SkBuff = this.packet()): number {
    this.inside.set(skb, skb.len);
    this.taken++;
    return this.qdisc.enqueue(skb);
  }

  /** The next packet, which the caller frees; null when none may leave now. */
  take(): SkBuff | null {
    return this.qdisc.dequeue();
  }

  /** Notes that a packet has left, and frees it. Says what is wrong about it. */
  left(skb: SkBuff): string | null {
    const known = this.inside.delete(skb);
    skb.consume();
    return known ? null : 'dequeue gave a packet that was not inside: twice, or one that it had dropped';
  }

  /** Lets time pass, as for a device that asks again when the discipline wants it to. */
  wait(): void {
    this.lab.clock.runFor(STEP);
  }

  /** Takes everything out, with patience. Returns the packets' number, or what is wrong. */
  drain(): number | string {
    let count = 0;
    for (let tries = 0; tries < PATIENCE; tries++) {
      const skb = this.take();
      if (skb === null) {
        if (this.qdisc.qlen === 0) return count;
        this.wait();
        continue;
      }
      const wrong = this.left(skb);
      if (wrong !== null) return wrong;
      count++;
    }
    return `${this.qdisc.qlen} packets did not come out within ${(PATIENCE * STEP) / 1e9} s`;
  }

  /** What is wrong with qlen and backlog, or null. */
  miscounted(): string | null {
    const { qlen, backlog } = this.qdisc;
    const bytes = [...this.inside.values()].reduce((sum, length) => sum + length, 0);
    if (qlen === this.inside.size && backlog === bytes) return null;
    return `qlen is ${qlen} and backlog ${backlog}, but inside are ${this.inside.size} packets of ${bytes} bytes`;
  }

  end(): void {
    this.pool.onDrop = null;
    this.qdisc.reset();
    this.qdisc.destroy?.();
  }
}
