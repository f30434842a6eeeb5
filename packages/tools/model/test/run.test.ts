import { readCapture } from '@stack/pcap';
import { Tcp, TcpSock } from '@stack/tcp';
import { expect, test } from 'vitest';
import { check, drawScenario, replay, runSeed } from '../src/index.ts';
import { Run } from '../src/run.ts';
import { Workshop } from '../src/world/machine.ts';

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test('the same seed does the same, in used memory as in fresh', () => {
  const workshop = new Workshop();
  for (const seed of seeds(20)) expect(runSeed(seed, workshop)).toEqual(runSeed(seed));
});

test('scenarios have all that there is', () => {
  const scenarios = seeds(500).map(drawScenario);
  const kinds = new Set(scenarios.flatMap((s) => [s.opening, s.wrap, s.adversary?.place, s.benign, s.client.finish]));
  const all = ['usual', 'simultaneous', 'early', 'none', 'unsigned', 'signed', 'peer', 'way', true, false];
  for (const kind of [...all, 'shutdown', 'close', 'wait']) expect(kinds).toContain(kind);
  const acts = new Set(scenarios.flatMap((s) => s.server.acts.map(({ what }) => what)));
  expect([...acts].toSorted()).toEqual(
    ['abort', 'close', 'disconnect', 'end-both', 'end-reading', 'end-writing', 'option', 'peek'],
  ); // prettier-ignore
});

test('a replay has a capture', () => {
  const { error, capture } = replay(7);
  expect(error).toBeNull();
  expect(readCapture(capture).packets.length).toBeGreaterThan(3);
});

/** Runs seeds until one fails for what `harm` does to the sockets of the client after each event. */
function harmed(harm: (run: Run) => void): string {
  for (const seed of seeds(200)) {
    const run = new Run(drawScenario(seed), new Workshop());
    const { clock } = run.world;
    const step = clock.step.bind(clock);
    clock.step = (limit) => {
      const more = step(limit);
      harm(run);
      return more;
    };
    try {
      run.go();
    } catch (error) {
      return (error as Error).message;
    }
  }
  return 'nothing was noticed';
}

function connections(run: Run): TcpSock[] {
  return [...run.world.client.container.get(Tcp).hashinfo.ehash].filter((sk) => sk instanceof TcpSock);
}

const HARM: [string, (sk: TcpSock) => void, RegExp][] = [
  ['a count that is off by one', ({ lossSeen, loss }) => lossSeen.retransOut > 0 && loss.retransOut++, /retransOut is/],
  ['a window that shrinks', ({ rcv }) => rcv.wnd > 3000 && (rcv.wnd -= 2000), /edge of the receive window/],
  ['a timer that is lost', (sk) => sk.snd.packetsOut > 0 && sk.rexmitTimer?.cancel(), /no timer/],
  ['memory that is not paid for', (sk) => sk.wmemQueued > 0 && sk.wmemQueued--, /wmemQueued is/],
  ['a number that goes back', ({ snd }) => snd.packetsOut > 0 && (snd.nxt -= 1), /snd.nxt|retransmit queue ends/],
  ['bytes that are skipped', (sk) => sk.hasReceived && sk.rcv.copiedSeq++, /copiedSeq|receive queue|wrong byte/],
];

test.each(HARM)('%s is noticed', (_, harm, message) => {
  expect(harmed((run) => connections(run).forEach(harm))).toMatch(message);
});

test('a report counts its runs', () => {
  const report = check({ seed: 1, runs: 3 });
  expect(report).toMatchObject({ runs: 3, failures: [] });
});
