import { DropReason, eth, SkbQueue, Skbs, type SkBuff } from '@stack/skb';
import { machine, testHost, udpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import {
  devClose,
  devKfreeSkbIrq,
  devQueueXmit,
  NetCore,
  NET_XMIT_CN,
  NET_XMIT_SUCCESS,
  netdev,
  netifStopQueue,
  netifWakeQueue,
  PacketTypes,
  Qdisc,
  QdiscKinds,
  QdiscWatchdog,
  replaceQdisc,
  TCQ_F_CAN_BYPASS,
  type NetdevQueue,
} from '@stack/netdev';
import { NET_TX_SOFTIRQ, Smp } from '@stack/softirq';
import { FakeDevice, frameSkb } from './fake-device.ts';

/** First in, first out; counts what passes through it. */
class TestFifo extends Qdisc {
  readonly kind = 'pfifo_fast';
  readonly #queue = new SkbQueue();
  enqueues = 0;

  constructor(queue: NetdevQueue) {
    super(queue);
    this.flags = TCQ_F_CAN_BYPASS;
  }

  enqueue(skb: SkBuff): number {
    this.enqueues++;
    this.#queue.push(skb);
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  dequeue(): SkBuff | null {
    const skb = this.#queue.shift();
    if (skb !== null) this.dequeued(skb);
    return skb;
  }

  peek(): SkBuff | null {
    return this.#queue.first;
  }

  reset(): void {
    this.#queue.dropAll(DropReason.QUEUE_PURGE);
    this.qlen = this.backlog = 0;
  }
}

function setup(options?: ConstructorParameters<typeof FakeDevice>[1]) {
  const lab = machine();
  const host = testHost(lab, 'alice', [netdev()]);
  host.get(QdiscKinds).add({ kind: 'pfifo_fast', create: (queue) => new TestFifo(queue) });
  const fake = new FakeDevice(host, options);
  const pool = host.get(Skbs);
  let serial = 0;
  const send = (): number => {
    const skb = frameSkb(pool, udpFrame({ sourcePort: 1, destinationPort: 2, payload: `packet ${serial++}` }));
    skb.dev = fake.dev;
    return devQueueXmit(skb);
  };
  const payloads = (): string[] => fake.sent.map((frame) => new TextDecoder().decode(frame.subarray(42)));
  const qdisc = (): TestFifo => fake.dev.queues[0].qdiscSleeping as TestFifo;
  return { lab, host, fake, pool, send, payloads, qdisc, cpu: host.get(Smp).boot };
}

test('an idle queue is passed by', () => {
  const { fake, send, qdisc, payloads } = setup();
  expect(send()).toBe(NET_XMIT_SUCCESS);
  expect(payloads()).toEqual(['packet 0']);
  expect(qdisc()).toMatchObject({ enqueues: 0, packets: 1, qlen: 0 });
  fake.complete();
});

test('behind a stopped queue packets wait in order, and leave in NET_TX_SOFTIRQ when it wakes', () => {
  const { lab, fake, send, qdisc, payloads, cpu } = setup();
  netifStopQueue(fake.dev);
  for (let i = 0; i < 5; i++) expect(send()).toBe(NET_XMIT_SUCCESS);
  expect(payloads()).toEqual([]);
  expect(qdisc().qlen).toBe(5);
  const served = cpu.served[NET_TX_SOFTIRQ];
  netifWakeQueue(fake.dev);
  lab.clock.drain();
  expect(payloads()).toEqual(['packet 0', 'packet 1', 'packet 2', 'packet 3', 'packet 4']);
  expect(cpu.served[NET_TX_SOFTIRQ]).toBeGreaterThan(served);
  expect(qdisc()).toMatchObject({ qlen: 0, backlog: 0, packets: 5 });
  fake.complete();
});

test('a bulk tells the driver that more follow, and what the ring cannot take goes first next time', () => {
  const { lab, fake, send, qdisc, payloads } = setup();
  netifStopQueue(fake.dev);
  for (let i = 0; i < 6; i++) send();
  fake.room = 3;
  netifWakeQueue(fake.dev);
  lab.clock.drain();
  expect(payloads()).toEqual(['packet 0', 'packet 1', 'packet 2']);
  // The first one had passed the queue by, and was put back: it goes alone.
  expect(fake.more).toEqual([false, true, true]);
  expect(qdisc()).toMatchObject({ qlen: 3, requeues: 4 });
  fake.complete();
  netifWakeQueue(fake.dev);
  lab.clock.drain();
  expect(payloads().slice(3)).toEqual(['packet 3', 'packet 4', 'packet 5']);
  fake.complete();
});

test('a busy driver gets the same packet again, and nothing overtakes it', () => {
  const { lab, fake, send, qdisc, payloads } = setup();
  fake.stops = false;
  fake.busy = 1;
  expect(send()).toBe(NET_XMIT_SUCCESS);
  // The bypass failed, the packet was put back and NET_TX tried again before we were given the CPU.
  expect(payloads()).toEqual(['packet 0']);
  expect(qdisc()).toMatchObject({ requeues: 1, qlen: 0 });
  expect(fake.dev.queues[0].requeues).toBe(1);
  send();
  expect(payloads()).toEqual(['packet 0', 'packet 1']);
  fake.complete();
  lab.clock.drain();
});

test('a spent quota leaves the rest to NET_TX_SOFTIRQ', () => {
  const { lab, host, fake, send, payloads, cpu } = setup();
  host.get(NetCore).sysctl.devTxWeight = 8;
  netifStopQueue(fake.dev);
  for (let i = 0; i < 30; i++) send();
  const before = cpu.served[NET_TX_SOFTIRQ];
  netifWakeQueue(fake.dev);
  lab.clock.drain();
  expect(payloads()).toHaveLength(30);
  expect(cpu.served[NET_TX_SOFTIRQ] - before).toBe(4);
  fake.complete();
});

test('a driver that transmits from within transmission finds the queue running, and both packets leave', () => {
  const { lab, fake, send, payloads, qdisc } = setup();
  const startXmit = fake.dev.ops.startXmit;
  let nested = false;
  fake.dev.ops.startXmit = (skb, dev) => {
    if (!nested) {
      nested = true;
      send();
    }
    return startXmit(skb, dev);
  };
  send();
  lab.clock.drain();
  expect(payloads()).toEqual(['packet 0', 'packet 1']);
  expect(qdisc().enqueues).toBe(1);
  fake.complete();
});

test('a device that is down, or without carrier, refuses packets', () => {
  const { fake, send, pool } = setup();
  devClose(fake.dev);
  expect(send()).toBe(NET_XMIT_CN);
  expect(pool.drops[DropReason.QDISC_DROP]).toBe(1);
  expect(fake.dev.stats.txDropped).toBe(1);
});

test('what waits when the device goes down is dropped', () => {
  const { fake, send, pool } = setup();
  netifStopQueue(fake.dev);
  for (let i = 0; i < 3; i++) send();
  devClose(fake.dev);
  expect(pool.drops[DropReason.QUEUE_PURGE]).toBe(3);
});

test('a device without a queue sends at once, and drops when it cannot', () => {
  const { fake, send, pool, payloads } = setup();
  replaceQdisc(fake.dev, 'noqueue');
  expect(send()).toBe(NET_XMIT_SUCCESS);
  expect(payloads()).toEqual(['packet 0']);
  netifStopQueue(fake.dev);
  expect(send()).toBe(-100);
  expect(pool.drops[DropReason.FULL_RING]).toBe(1);
  fake.complete();
});

test('devices on top of each other end somewhere', () => {
  const { fake, send, pool } = setup();
  replaceQdisc(fake.dev, 'noqueue');
  let depth = 0;
  fake.dev.ops.startXmit = (skb) => {
    depth++;
    devQueueXmit(skb);
    return 0;
  };
  send();
  expect(depth).toBeLessThan(12);
  expect(pool.live).toBe(0);
});

test('packets freed in an interrupt are freed by NET_TX_SOFTIRQ, and their owners told then', () => {
  const { lab, host, fake, pool } = setup();
  const log: string[] = [];
  const line = host.get(Smp).allocateLine('eth0');
  const skb = pool.alloc(64)!;
  skb.dev = fake.dev;
  skb.destructor = () => void log.push('written');
  line.request(() => {
    devKfreeSkbIrq(skb, DropReason.FULL_RING);
    log.push('interrupt over');
    return 1;
  });
  line.pulse();
  lab.clock.drain();
  expect(log).toEqual(['interrupt over', 'written']);
  expect(pool.drops[DropReason.FULL_RING]).toBe(1);
});

test('taps see what leaves, as outgoing, and the driver still gets it', () => {
  const { host, fake, send, payloads } = setup();
  const seen: [number, number][] = [];
  const undo = host.get(PacketTypes).add({
    name: 'tap',
    type: eth.TYPE_ALL,
    dev: null,
    func(skb) {
      seen.push([skb.pktType, skb.len]);
      skb.consume();
      return 0;
    },
  });
  send();
  expect(seen).toEqual([[4, 14 + 20 + 8 + 8]]);
  undo();
  send();
  expect(seen).toHaveLength(1);
  expect(payloads()).toHaveLength(2);
  fake.complete();
});

test('a watchdog lets a discipline go on when its time has come', () => {
  const { lab, host, fake, send, payloads } = setup();
  class Shaper extends TestFifo {
    readonly watchdog = new QdiscWatchdog(this);
    constructor(queue: NetdevQueue) {
      super(queue);
      this.flags = 0;
    }

    override dequeue(): SkBuff | null {
      if (lab.clock.now() >= 5_000) return super.dequeue();
      this.watchdog.schedule(5_000);
      return null;
    }
  }
  host.get(QdiscKinds).add({ kind: 'shaper', create: (queue) => new Shaper(queue) });
  replaceQdisc(fake.dev, 'shaper');
  send();
  lab.clock.runUntil(4_999);
  expect(payloads()).toEqual([]);
  lab.clock.runUntil(5_000);
  expect(payloads()).toEqual(['packet 0']);
  fake.complete();
});

test('flows keep their queue on a device with several', () => {
  const { fake, pool } = setup({ txQueues: 4 });
  const used = new Set<number>();
  for (let port = 1; port <= 64; port++) {
    const queues = [1, 2].map(() => {
      const skb = frameSkb(pool, udpFrame({ sourcePort: port, destinationPort: 2 }));
      skb.dev = fake.dev;
      devQueueXmit(skb);
      return fake.ring.at(-1)!.queueMapping;
    });
    expect(queues[0]).toBe(queues[1]);
    used.add(queues[0]);
  }
  expect([...used].sort()).toEqual([0, 1, 2, 3]);
  fake.complete();
});
