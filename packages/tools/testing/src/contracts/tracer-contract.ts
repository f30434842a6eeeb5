import { virtualClock } from '@stack/clock';
import { trace, traceBorn, tracing, type TraceSubject } from '@stack/trace';
import { describe, expect, test } from 'vitest';
import { ALLOCATION_FREE, bytesPerCall, collector } from '../allocation.ts';

/** A tracer that is installed. */
export interface InstalledTracer {
  stop(): void;
}

export interface TracerContractOptions {
  /** Whether it may allocate at each trace point, because it writes all of it down; no unless given. */
  readonly allocates?: boolean;
}

/** What trace points say, in the orders in which they may come. */
const NOTES: readonly [string, string | number][] = [
  ['ip_rcv', ''],
  ['tcp_v4_rcv', 0],
  ['nf_hook_slow', 'ACCEPT'],
  ['kfree_skb', 'NO_SOCKET'],
  ['a_function_that_nobody_knows', -1],
];

/**
 * What every tracer has to do, as tests: it watches and changes nothing, takes whatever trace points say, keeps no packets,
 * allocates nothing once it knows a place, and is gone when it stops.
 *
 * ```ts
 * tracerContract('drops', () => new DropTracer());
 * ```
 *
 * @param make - makes and installs the tracer
 */
export function tracerContract(name: string, make: () => InstalledTracer, options: TracerContractOptions = {}): void {
  const during = <T>(act: () => T): T => {
    const tracer = make();
    try {
      return act();
    } finally {
      tracer.stop();
    }
  };
  describe(`the tracer ${name}`, () => {
    test('is installed when it is made, and gone when it stops', () => {
      during(() => expect(tracing.on, 'make has to call installTracer').toBe(true));
      expect(tracing.on, 'stop has to call what installTracer returned').toBe(false);
    });

    test('takes whatever trace points say', () => {
      during(() => {
        for (let id = 0; id < 20; id++) {
          for (const [fn, note] of NOTES) guarded(fn, () => trace(fn, { id, len: 60 }, note));
          guarded('a clone', () => traceBorn({ id: id + 1000, len: 60 }, { id, len: 60 }));
          guarded('a clone of what it never saw', () => traceBorn({ id: id + 2000, len: 0 }, { id: 99_999, len: 0 }));
        }
      });
      expect(tracing.on, 'it installed another tracer at a trace point: there is one, and it watches').toBe(false);
    });

    test('changes nothing: a run is the same with it and without', async () => {
      const without = await transfer();
      const tracer = make();
      const traced = await transfer()
        .catch((error: Error) => expect.fail(`with the tracer, the run failed: ${error.message}; ${REMEDY}`))
        .finally(() => tracer.stop());
      expect(without.received, 'nothing was sent: nothing was tested').toBe(BYTES);
      expect(traced, `with the tracer, the run was another one: ${REMEDY}`).toEqual(without);
    });

    test('keeps no packets, only their numbers', async () => {
      const tracer = make();
      const subjects = Array.from({ length: 20 }, (_, id) => seen(id));
      await new Promise((resolve) => setImmediate(resolve));
      collector()();
      const kept = subjects.filter((subject) => subject.deref() !== undefined).length;
      tracer.stop();
      expect(kept, `it keeps ${kept} of 20 packets: buffers are used again, keep their id`).toBe(0);
    });

    test.skipIf(options.allocates === true)('allocates nothing at a place that it knows', () => {
      const subject: TraceSubject = { id: 1, len: 60 };
      const each = during(() => bytesPerCall(() => trace('ip_rcv', subject)));
      const garbage = `it leaves ${Math.round(each)} bytes of garbage at each trace point`;
      expect(each, garbage).toBeLessThan(ALLOCATION_FREE);
    });
  });
}

const BYTES = 20_000;
const REMEDY = 'a tracer watches; it frees, keeps, changes and sends nothing';

function guarded(what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    expect.fail(`it threw at ${what}: ${(error as Error).message}`);
  }
}

/** A packet that was traced, and that nobody else holds. */
function seen(id: number): WeakRef<TraceSubject> {
  const subject = { id, len: 60 };
  trace('ip_rcv', subject);
  trace('tcp_v4_rcv', subject, 'ESTABLISHED');
  return new WeakRef(subject);
}

/** A transfer between two hosts over a bad cable: what came of it, and when. */
async function transfer(): Promise<{ received: number; ended: number; frames: unknown }> {
  const { createLab, e1000, inet } = await import('@stack/host');
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ delay: '1ms', loss: 0.02 });
  const device = (port: 'a' | 'b', address: string) => ({ eth0: e1000({ port: cable[port], address }) });
  const server = lab.host({ name: 'server', use: inet(), devices: device('a', '10.0.0.1/24') });
  const client = lab.host({ name: 'client', use: inet(), devices: device('b', '10.0.0.2/24') });
  server.net.createServer((socket) => socket.end(new Uint8Array(BYTES))).listen(80);
  let received = 0;
  const socket = client.net.connect(80, '10.0.0.1');
  socket.on('data', (chunk: Uint8Array) => (received += chunk.length));
  await clock.settle(new Promise((resolve) => socket.once('close', resolve)), 600e9);
  const report = { received, ended: clock.now(), frames: structuredClone(cable.statistics) };
  lab.close();
  return report;
}
