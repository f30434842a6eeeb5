import { virtualClock } from '@stack/clock';
import type { Host } from '@stack/host';
import type { Plugin } from '@stack/plugin';
import type { CongestionOps, TcpSock } from '@stack/tcp';
import { describe, expect, test } from 'vitest';
import { ALLOCATION_FREE, bytesPerCall } from '../allocation.ts';
import { badNetworks, type BadNetwork } from '../bad-networks.ts';
import { PacketPath } from './packet-path.ts';

export interface CongestionContractOptions {
  /** Bytes of each transfer; 200,000 unless given. */
  readonly bytes?: number;
  /** Instead of {@link badNetworks}. */
  readonly networks?: readonly BadNetwork[];
}

/** What a control did in a transfer, call by call. */
interface Report {
  readonly arrived: boolean;
  readonly nanoseconds: number;
  readonly calls: number;
  readonly violations: readonly string[];
  /** Windows after each call that may change one. */
  readonly windows: readonly number[];
}

/**
 * What every congestion control has to do, as tests: its connections get their bytes across over bad networks, its
 * windows are whole and sane, a loss makes them smaller, the same run gives the same windows, and ACKs allocate nothing
 * and do nothing that may sleep.
 *
 * ```ts
 * congestionContract('vegas', () => vegas);
 * ```
 */
export function congestionContract(
  name: string,
  make: () => CongestionOps,
  options: CongestionContractOptions = {},
): void {
  const { bytes = 200_000, networks = badNetworks } = options;
  describe(`the congestion control ${name}`, () => {
    test('has a name of its own and the functions that it must have', () => {
      const ops = make();
      expect(ops.name, 'connections ask for it by this name').toMatch(/^[a-z0-9_-]{1,15}$/);
      for (const fn of ['ssthresh', 'congAvoid', 'undoCwnd'] as const) expect(ops[fn], fn).toBeTypeOf('function');
    });

    test.each(networks)('brings everything across a cable that $name', async (network) => {
      const report = await transfer(make(), bytes, network);
      expect(report.violations, report.violations.join('; ')).toEqual([]);
      expect(report.arrived, 'the connection stalled, or lost bytes').toBe(true);
      expect(report.calls, 'the control was never asked: nothing was tested').toBeGreaterThan(0);
    });

    test('does the same in the same run', async () => {
      const network = networks.at(-1)!;
      const [one, two] = [await transfer(make(), bytes, network), await transfer(make(), bytes, network)];
      expect(two, 'it depends on something besides its connection: time or chance from outside').toEqual(one);
    });

    test('keeps connections apart', async () => {
      const network = networks[0]!;
      const ops = make();
      const [one, two] = [await transfer(ops, bytes, network), await transfer(ops, bytes, network)];
      expect(two.windows, 'what it remembers belongs in sk.cc.priv').toEqual(one.windows);
    });

    test('answers sanely at every window', async () => {
      const problems: string[] = [];
      await transfer(make(), 20_000, networks[0]!, (ops, sk) => {
        const checked = watched(ops, problems);
        for (const cwnd of [1, 2, 3, 4, 5, 10, 11, 100, 1001, 65_535]) {
          sk.cc.cwnd = cwnd;
          checked.ops.ssthresh(sk);
          checked.ops.undoCwnd(sk);
        }
      });
      expect(problems, problems.join('; ')).toEqual([]);
    });

    test('allocates nothing for an ACK', async () => {
      let each = Infinity;
      await transfer(make(), bytes, networks[0]!, (ops, sk) => {
        const { cwnd, ssthresh, cwndCnt } = sk.cc;
        each = bytesPerCall(() => {
          sk.cc.cwnd = cwnd;
          sk.cc.ssthresh = ssthresh;
          sk.cc.cwndCnt = cwndCnt;
          ops.congAvoid(sk, sk.snd.una, 1);
        });
      });
      expect(each, `it leaves ${Math.round(each)} bytes of garbage for each ACK`).toBeLessThan(ALLOCATION_FREE);
    });
  });
}

/** Moves bytes between two hosts, with every call of the control looked at. */
async function transfer(
  ops: CongestionOps,
  bytes: number,
  { cable }: BadNetwork,
  atEnd?: (ops: CongestionOps, sk: TcpSock) => void,
): Promise<Report> {
  const { createLab, e1000, inet } = await import('@stack/host');
  const { CongestionControls, Tcp } = await import('@stack/tcp');
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const wire = lab.cable(cable);
  const watch = watched(ops);
  const control: Plugin = {
    name: ops.name,
    attach(services) {
      services.get(Tcp).sysctl.tcp_congestion_control = watch.ops.name;
      return services.get(CongestionControls).add(watch.ops);
    },
  };
  const device = (port: 'a' | 'b', address: string) => ({ eth0: e1000({ port: wire[port], address }) });
  const server = lab.host({ name: 'server', use: inet(), devices: device('b', '10.0.0.1/24') });
  const client = lab.host({ name: 'client', use: [...inet(), control], devices: device('a', '10.0.0.2/24') });
  watch.path = await PacketPath.of(client);
  let arrived = false;
  try {
    arrived = await clock.settle(send(server, client, bytes), 600e9);
  } catch {
    arrived = false;
  }
  const { last } = watch;
  if (last !== null) atEnd?.(ops, last);
  const nanoseconds = clock.now();
  clock.runFor(60e9);
  lab.close();
  return { arrived, nanoseconds, calls: watch.calls, violations: watch.violations, windows: watch.windows };
}

/** True when all bytes arrived as they were sent. */
function send(server: Host, client: Host, bytes: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let received = 0;
    let right = true;
    const listener = server.net.createServer((socket) => {
      socket.on('data', (chunk: Uint8Array) => {
        for (const byte of chunk) right &&= byte === (received++ * 7) % 251;
      });
      socket.on('end', () => {
        socket.end();
        listener.close();
        resolve(right && received === bytes);
      });
      socket.on('error', reject);
    });
    listener.listen(5001);
    const socket = client.net.connect(5001, '10.0.0.1');
    socket.on('error', reject);
    socket.on('data', () => {});
    socket.end(Uint8Array.from({ length: bytes }, (_, i) => (i * 7) % 251));
  });
}

interface Watch {
  readonly ops: CongestionOps;
  readonly violations: string[];
  readonly windows: number[];
  calls: number;
  last: TcpSock | null;
  /** Of the host that the control is on, once there is one. */
  path: PacketPath | null;
}

/** The control, with what its functions do besides answering looked at. */
function onPath(ops: CongestionOps, watch: Watch, complain: (problem: string) => void): CongestionOps {
  const looked = ([name, member]: [string, unknown]): [string, unknown] => {
    if (typeof member !== 'function') return [name, member];
    const call = (...args: unknown[]): unknown => {
      const { path } = watch;
      if (path === null) return Reflect.apply(member, ops, args);
      const answer = path.look(() => Reflect.apply(member, ops, args) as unknown);
      const deeds = path.deeds();
      if (deeds !== '') complain(`${name} ${deeds}: ACKs come in softirq context`);
      return answer;
    };
    return [name, call];
  };
  return Object.fromEntries(Object.entries(ops).map(looked)) as unknown as CongestionOps;
}

/** The control, with every call checked. */
function watched(bare: CongestionOps, violations: string[] = []): Watch {
  const watch: Watch = { ops: bare, violations, windows: [], calls: 0, last: null, path: null };
  const complain = (problem: string): void => {
    if (watch.violations.length < 10 && !watch.violations.includes(problem)) watch.violations.push(problem);
  };
  const ops = onPath(bare, watch, complain);
  const checked: CongestionOps = {
    ...ops,
    ssthresh(sk) {
      const { cwnd } = sk.cc;
      const threshold = ops.ssthresh(sk);
      watch.windows.push(threshold);
      if (!Number.isInteger(threshold) || threshold < 2)
        complain(`ssthresh answered ${threshold}: whole segments, 2 or more`);
      if (threshold > Math.max(cwnd, 2))
        complain(`ssthresh answered ${threshold} at a window of ${cwnd}: a loss grows nothing`);
      return threshold;
    },
    congAvoid(sk, ack, acked) {
      const { cwnd, ssthresh } = sk.cc;
      ops.congAvoid(sk, ack, acked);
      watch.calls++;
      watch.last = sk;
      watch.windows.push(sk.cc.cwnd);
      if (!Number.isInteger(sk.cc.cwnd) || sk.cc.cwnd < 1) complain(`congAvoid left a window of ${sk.cc.cwnd}`);
      if (sk.cc.cwnd > cwnd + acked) {
        complain(`congAvoid grew the window by ${sk.cc.cwnd - cwnd} for ${acked} acknowledged, ssthresh ${ssthresh}`);
      }
    },
    undoCwnd(sk) {
      const { cwnd } = sk.cc;
      const window = ops.undoCwnd(sk);
      if (!Number.isInteger(window) || window < cwnd) complain(`undoCwnd answered ${window} at a window of ${cwnd}`);
      return window;
    },
  };
  return Object.assign(watch, { ops: checked });
}
