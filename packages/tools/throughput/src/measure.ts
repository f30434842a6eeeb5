import { SEC, virtualClock } from '@stack/clock';
import { createLab, e1000, inet, type Host, type Lab } from '@stack/host';
import { Tcp } from '@stack/tcp';
import { capacityOf, fullPipe, productOf, queueBytes, type Bottleneck } from './bottleneck.ts';
import { flows, type Flow } from './flow.ts';

/** How to measure: times in seconds of virtual time. */
export interface MeasureOptions {
  readonly seed: number;
  /** Connections that share the bottleneck; they begin `stagger` apart. */
  readonly flows?: number;
  readonly stagger?: number;
  /** Until when nothing is counted, and for how long then. */
  readonly warmUp: number;
  readonly window: number;
  readonly congestion?: string;
}

export interface Measured {
  /** Payload that arrived in the window, as a share of what the wire can carry of it. */
  readonly utilisation: number;
  /** Payload of each flow, in Mbit/s. */
  readonly goodputs: readonly number[];
  /** Jain's index of the flows: 1 when all get the same, 1/n when one gets all. */
  readonly fairness: number;
  /** Segments sent again in the window, as a share of those sent. */
  readonly retransmitted: number;
}

const PORT = 5001;
const SERVER = '10.0.0.2';
const SERVER_ADDRESS = (10 << 24) | 2;

export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((a, b) => a + b, 0);
  const squares = shares.reduce((a, b) => a + b * b, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}

/** Lets connections share the bottleneck, in a lab of their own. */
export function measure(bottleneck: Bottleneck, options: MeasureOptions): Measured {
  const { seed, warmUp, window, stagger = 0.1 } = options;
  const clock = virtualClock();
  const lab = createLab({ clock, seed, memory: memoryFor(bottleneck) });
  const { sender, receiver } = hosts(lab, bottleneck, options.congestion ?? 'cubic');
  const open = flows(clock, sender, receiver, SERVER_ADDRESS, PORT);
  const open1 = (): Flow => {
    const flow = open();
    clock.runFor(stagger * SEC);
    return flow;
  };
  const all = Array.from({ length: options.flows ?? 1 }, open1);
  clock.runUntil(warmUp * SEC);
  const before = all.map(({ received }) => received);
  const sentBefore = sent(sender);
  clock.runFor(window * SEC);
  const bytes = all.map(({ received }, i) => received - before[i]);
  const after = sent(sender);
  lab.close();
  return {
    utilisation: bytes.reduce((a, b) => a + b, 0) / (capacityOf(bottleneck) * window),
    goodputs: bytes.map((count) => (count * 8) / window / 1e6),
    fairness: jain(bytes),
    retransmitted: (after.again - sentBefore.again) / Math.max(1, after.all - sentBefore.all),
  };
}

function sent(host: Host): { all: number; again: number } {
  const counters = host.get(Tcp).mib.snapshot();
  return { all: counters.TcpOutSegs, again: counters.TcpRetransSegs };
}

function hosts(lab: Lab, bottleneck: Bottleneck, congestion: string): { sender: Host; receiver: Host } {
  const { rate, delay, loss } = bottleneck;
  const cable = lab.cable({
    rate: rate * 1e6,
    delay: `${delay}ms`,
    aToB: { queue: `${queueBytes(bottleneck)}B`, loss },
  });
  const sender = lab.host({
    name: 'sender',
    use: inet(),
    devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) },
  });
  const receiver = lab.host({
    name: 'receiver',
    use: inet(),
    devices: { eth0: e1000({ port: cable.b, address: `${SERVER}/24` }) },
  });
  for (const host of [sender, receiver]) {
    const { sysctl } = host.get(Tcp);
    sysctl.tcp_congestion_control = congestion;
    const most = Math.max(sysctl.tcp_rmem[2], roomFor(bottleneck));
    sysctl.tcp_rmem[2] = most;
    sysctl.tcp_wmem[2] = most;
  }
  return { sender, receiver };
}

const FRAME_IN_MEMORY = 4096;
const PAGE = 65_536;

/** Buffers of the hosts: pipe and queue twice over, with what each segment costs in memory. */
function roomFor(bottleneck: Bottleneck): number {
  return Math.ceil(fullPipe(bottleneck)) * FRAME_IN_MEMORY * 2;
}

function memoryFor(bottleneck: Bottleneck): number {
  const bytes = 128 * 1024 * 1024 + roomFor(bottleneck) + 4 * productOf(bottleneck);
  return Math.ceil(bytes / PAGE) * PAGE;
}
