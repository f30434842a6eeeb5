import { Clock, Random, seededRandom, type Task } from '@stack/clock';
import { Arena, Memory } from '@stack/memory';
import { allocEtherdev, NetCore, netdev, NETDEV_TX_OK, registerNetdevice, type Qdisc } from '@stack/netdev';
import { Container, type Plugin } from '@stack/plugin';
import { qdiscs, tc, type QdiscSpec } from '@stack/qdisc';
import { ip, Skbs, skbs, type SkBuff, type SkbPool } from '@stack/skb';
import { softirqs } from '@stack/softirq';

/** One discipline to measure; those with classes get one for each flow. */
export interface QdiscSubject {
  kind: string;
  classes?: Record<string, unknown>;
  [option: string]: unknown;
}

/** Rates are so high that no packet has to wait: what is measured is the work. */
const FAST = '100gbit';

export const qdiscSubjects: readonly QdiscSubject[] = [
  { kind: 'pfifo_fast' },
  { kind: 'pfifo' },
  { kind: 'prio' },
  { kind: 'tbf', rate: FAST, burst: '64k', limit: '64m' },
  { kind: 'red', limit: '64m', min: '32m', max: '48m', burst: 50_000 },
  { kind: 'codel' },
  { kind: 'fq_codel' },
  { kind: 'fq' },
  { kind: 'cake', bandwidth: FAST },
  { kind: 'netem' },
  { kind: 'drr', classes: { quantum: 1514 } },
  { kind: 'htb', classes: { rate: FAST, quantum: 1514, burst: '64k', cburst: '64k' } },
];

/** Time that passes as it is told, so that looking at it costs nothing. Timers never expire. */
class SteppingClock implements Clock {
  time = 0;
  readonly timers = { add: () => {}, remove: () => {} };
  now(): number {
    return this.time;
  }
  look(): number {
    return this.time;
  }
  post(task: Task): void {
    task.run();
  }
  yield(): void {}
  drain(): void {}
  hold(): () => void {
    return () => {};
  }
}

const PACKET = 200;
const DEPTH = 64;
const STEP = 1_000;
const PACKETS = 400_000;

/** Nanoseconds of enqueue and dequeue together, for each packet, while a few packets wait and flows take turns. */
export function qdiscCost({ classes, ...spec }: QdiscSubject, flows: number): number {
  const clock = new SteppingClock();
  const { pool, qdisc } = setUp(clock, spec, classes, flows);
  const packets = Array.from({ length: Math.max(flows, 2 * DEPTH) }, (_, i) =>
    makePacket(pool, qdisc, i % flows, classes),
  );
  const idle = new Idle(packets);
  for (let i = 0; i < DEPTH; i++) qdisc.enqueue(idle.take());
  pass(qdisc, idle, clock, PACKETS); // the compiler takes its time
  const start = performance.now();
  const passed = pass(qdisc, idle, clock, PACKETS);
  const ms = performance.now() - start;
  qdisc.reset();
  return (ms * 1e6) / passed;
}

/** Puts a packet in and takes one out, again and again. Returns how many came out. */
function pass(qdisc: Qdisc, idle: Idle, clock: SteppingClock, packets: number): number {
  let passed = 0;
  for (let i = 0; i < packets; i++) {
    clock.time += STEP;
    qdisc.enqueue(idle.take());
    const skb = qdisc.dequeue();
    if (skb === null) continue;
    idle.give(skb);
    passed++;
  }
  return passed;
}

/** Packets that wait to be sent again, in turn. */
class Idle {
  readonly #packets: SkBuff[];
  #first = 0;
  #last = 0;

  constructor(packets: SkBuff[]) {
    this.#packets = packets;
  }

  take(): SkBuff {
    const skb = this.#packets[this.#first];
    this.#first = this.#first + 1 === this.#packets.length ? 0 : this.#first + 1;
    return skb;
  }

  give(skb: SkBuff): void {
    this.#packets[this.#last] = skb;
    this.#last = this.#last + 1 === this.#packets.length ? 0 : this.#last + 1;
  }
}

function setUp(clock: SteppingClock, spec: QdiscSpec, classes: Record<string, unknown> | undefined, flows: number) {
  const surroundings: Plugin = {
    name: 'the bench',
    provide(provider) {
      provider.bind(Clock, () => clock);
      provider.bind(Random, () => seededRandom(1));
      provider.bind(Memory, () => new Arena(64 << 20));
    },
  };
  const host = new Container('bench');
  host.use([surroundings, skbs(), softirqs({ name: 'bench' }), netdev(), qdiscs()]);
  const dev = allocEtherdev('eth%d', { open: () => 0, stop: () => 0, startXmit: () => NETDEV_TX_OK });
  registerNetdevice(host.get(NetCore), dev);
  const qdisc = tc(dev).qdisc.replace({ root: true, handle: '1:', ...spec });
  if (classes !== undefined) for (let i = 0; i < flows; i++) tc(dev).class.add({ classid: 0x10001 + i, ...classes });
  return { pool: host.get(Skbs), qdisc };
}

function makePacket(pool: SkbPool, qdisc: Qdisc, flow: number, classes: object | undefined): SkBuff {
  const skb = pool.alloc(PACKET)!;
  skb.put(PACKET);
  skb.resetMacHeader();
  skb.networkHeader = skb.data + 14;
  skb.transportHeader = skb.data + 34;
  skb.protocol = 0x0800;
  skb.dev = qdisc.queue.dev;
  ip.setVersionIhl(skb, 0x45);
  ip.setProtocol(skb, ip.PROTO_UDP);
  ip.setSaddr(skb, 0x0a000000 + flow);
  skb.setU16(34, flow);
  skb.priority = classes === undefined ? 0 : 0x10001 + flow;
  return skb;
}
