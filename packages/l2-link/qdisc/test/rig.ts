import {
  allocEtherdev,
  devOpen,
  devQueueXmit,
  NetCore,
  netdev,
  NETDEV_TX_OK,
  netifTxStopQueue,
  netifTxWakeQueue,
  registerNetdevice,
  type NetDevice,
} from '@stack/netdev';
import { qdiscs, tc } from '@stack/qdisc';
import { Skbs, type SkBuff } from '@stack/skb';
import { Hrtimer, Smp } from '@stack/softirq';
import { machine, testHost, udpFrame } from '@stack/testing';

export const MSEC = 1_000_000;
export const SEC = 1_000_000_000;

/** A packet to be sent. */
export interface Packet {
  /** To know it again; its IP id. */
  mark?: number;
  /** Of the whole frame. */
  bytes?: number;
  /** The source port, and what else makes a flow. */
  flow?: number;
  source?: string;
  destination?: string;
  priority?: number;
  /** DS field and ECN. */
  tos?: number;
  /** When it may leave. */
  tstamp?: number;
}

/** A packet that the device sent. */
export interface Sent {
  mark: number;
  at: number;
  bytes: number;
  flow: number;
  tos: number;
  queue: number;
}

export interface RigOptions {
  /** The speed of the device; without one it sends at once. */
  bitsPerSecond?: number;
  txQueues?: number;
  seed?: number;
}

/** A host with a device that notes what it sends, and all disciplines. */
export function rig({ bitsPerSecond, txQueues = 1, seed = 1 }: RigOptions = {}) {
  const lab = machine({ seed, timers: true });
  const host = testHost(lab, 'alice', [netdev(), qdiscs()]);
  const pool = host.get(Skbs);
  const sent: Sent[] = [];
  const timers: Hrtimer[] = [];
  const dev: NetDevice = allocEtherdev(
    'eth%d',
    {
      open(dev) {
        for (const queue of dev.queues) queue.stopped = false;
        return 0;
      },
      stop: () => {
        for (const timer of timers) timer.cancel();
        return 0;
      },
      startXmit(skb) {
        sent.push(noteOf(skb, lab.clock.now()));
        const queue = dev.queues[skb.queueMapping];
        if (bitsPerSecond !== undefined) {
          netifTxStopQueue(queue);
          timers[queue.index].start(lab.clock.now() + Math.round((skb.len * 8e9) / bitsPerSecond));
        }
        skb.consume();
        return NETDEV_TX_OK;
      },
    },
    txQueues,
  );
  registerNetdevice(host.get(NetCore), dev);
  for (const queue of dev.queues) timers.push(new Hrtimer(host.get(Smp).boot, () => netifTxWakeQueue(queue)));
  devOpen(dev);
  const make = (packet: Packet): SkBuff => makePacket(pool, dev, packet);
  return {
    lab,
    host,
    dev,
    pool,
    sent,
    make,
    clock: lab.clock,
    tc: tc(dev),
    send: (packet: Packet): number => devQueueXmit(make(packet)),
    root: () => dev.queues[0].qdiscSleeping!,
    /** The driver takes nothing until {@link go}. */
    stop: () => netifTxStopQueue(dev.queues[0]),
    go(): void {
      netifTxWakeQueue(dev.queues[0]);
      lab.clock.drain();
    },
    marks: () => sent.map(({ mark }) => mark),
  };
}

function noteOf(skb: SkBuff, at: number): Sent {
  const [mark, flow, tos] = skb.len < 42 ? [0, 0, 0] : [skb.u16(18), skb.u16(34), skb.u8(15)];
  return { mark, at, bytes: skb.len, flow, tos, queue: skb.queueMapping };
}

export function makePacket(pool: Rig['pool'], dev: NetDevice, packet: Packet): SkBuff {
  const { mark = 0, bytes = 100, flow = 1, source = '10.0.0.1', destination = '10.0.0.2', tos = 0 } = packet;
  const payload = new Uint8Array(Math.max(0, bytes - 42));
  const ports = { sourcePort: flow, destinationPort: 80 };
  const frame = udpFrame({ source, destination, ...ports, payload, tos, id: mark });
  const skb = pool.alloc(frame.length)!;
  skb.putData(frame);
  skb.resetMacHeader();
  skb.networkHeader = skb.data + 14;
  skb.transportHeader = skb.data + 34;
  skb.protocol = 0x0800;
  skb.dev = dev;
  skb.priority = packet.priority ?? 0;
  skb.tstamp = packet.tstamp ?? 0;
  return skb;
}

export type Rig = ReturnType<typeof rig>;

/** Keeps packets of each flow waiting for a time, as senders do that always have more. Returns the bytes sent of each flow. */
export function saturate(at: Rig, time: number, packets: readonly Packet[], depth = 100): Map<number, number> {
  const bytes = new Map<number, number>();
  const waiting = new Map<number, number>();
  let seen = at.sent.length;
  const count = (): void => {
    for (; seen < at.sent.length; seen++) {
      const { flow, bytes: length } = at.sent[seen];
      waiting.set(flow, (waiting.get(flow) ?? 0) - 1);
      bytes.set(flow, (bytes.get(flow) ?? 0) + length);
    }
  };
  const until = at.clock.now() + time;
  while (at.clock.now() < until) {
    count();
    for (const packet of packets) {
      const flow = packet.flow ?? 1;
      let inside = waiting.get(flow) ?? 0;
      for (; inside < depth; inside++) at.send(packet);
      waiting.set(flow, inside);
    }
    at.clock.runFor(10 * MSEC);
  }
  count();
  return bytes;
}
