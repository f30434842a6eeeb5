import { createHash } from 'node:crypto';
import type { LinkStatistics } from '@stack/cable';
import { SEC, virtualClock } from '@stack/clock';
import { captureCable, PcapWriter } from '@stack/pcap';
import { counters } from './counters.ts';
import { pair } from './pair.ts';
import { grouped, type Say } from './say.ts';
import { transfer, type Transfer } from './transfer.ts';

const CABLE = { rate: '1Gbit', queue: '1MB', delay: '10ms', loss: 0.01, reorder: 0.05 } as const;

/** One of the two runs. */
interface Run extends Transfer {
  readonly intact: boolean;
  /** In virtual time. */
  readonly seconds: number;
  readonly frames: number;
  /** By chance, or because the cable's queue was full. They are not in the capture. */
  readonly lost: number;
  readonly reordered: number;
  readonly retransmitted: number;
  readonly capture: Uint8Array;
}

export interface BadCableFacts extends Omit<Run, 'capture'> {
  readonly seed: number;
  /** Of each run's capture. */
  readonly captureSha256: readonly [string, string];
  readonly identical: boolean;
}

/** Step 4: the same over a bad cable in virtual time, twice. Returns the first capture, too. */
export async function badCable(
  bytes: number,
  seed: number,
  say: Say,
): Promise<{ facts: BadCableFacts; capture: Uint8Array }> {
  const { capture, ...first } = await run(bytes, seed);
  const second = await run(bytes, seed);
  const facts: BadCableFacts = {
    ...first,
    seed,
    intact: first.intact && second.intact,
    captureSha256: [sha256(capture), sha256(second.capture)],
    identical: Buffer.compare(capture, second.capture) === 0,
  };
  show(facts, say);
  return { facts, capture };
}

async function run(bytes: number, seed: number): Promise<Run> {
  const clock = virtualClock();
  const hosts = pair({ clock, seed }, CABLE);
  const writer = new PcapWriter();
  const stop = captureCable(hosts.cable, writer, { arrivedOnly: true });
  const moved = await clock.settle(transfer(hosts, bytes, seed));
  const seconds = clock.now() / 1e9;
  clock.runFor(SEC); // the last of the goodbyes
  stop();
  const { aToB, bToA } = hosts.cable.statistics;
  const { frames, retransmitted } = counters(hosts);
  hosts.lab.close();
  return {
    ...moved,
    intact: moved.bytes === bytes && moved.sentSha256 === moved.receivedSha256,
    seconds,
    frames,
    lost: gone(aToB) + gone(bToA),
    reordered: aToB.reordered + bToA.reordered,
    retransmitted,
    capture: writer.bytes(),
  };
}

function gone({ lost, queueDrops }: LinkStatistics): number {
  return lost + queueDrops;
}

function show(facts: BadCableFacts, say: Say): void {
  const [first, second] = facts.captureSha256;
  say.heading(
    `${grouped(facts.bytes)} bytes with 1 % loss, 5 % reordering and 10 ms each way, twice with seed ${facts.seed}`,
  );
  say.line(
    `${facts.seconds.toFixed(3)} s of virtual time, ${grouped(facts.frames)} frames, of which ${grouped(facts.lost)} were lost and ` +
      `${grouped(facts.reordered)} overtaken; ${grouped(facts.retransmitted)} segments sent again`,
  );
  say.line(`SHA-256 sent          ${facts.sentSha256}`);
  say.line(`SHA-256 received      ${facts.receivedSha256}${facts.intact ? '' : '  DIFFERENT'}`);
  say.line(`capture of the first  ${first}`);
  say.line(`capture of the second ${second}  ${facts.identical ? 'the same, byte for byte' : 'DIFFERENT'}`);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
