import type { Container } from '@stack/plugin';
import { skbClone, skbCopyToBytes, type SkBuff, type SkbPool } from '@stack/skb';
import { tracing } from '@stack/trace';
import { expect, test } from 'vitest';
import { ALLOCATION_FREE, bytesPerCall } from '../allocation.ts';
import { PacketPath } from './packet-path.ts';
import { layouts, samplePacket, samples, type Layout, type Sample } from './samples.ts';

/** A function that looks at a packet and answers, and leaves it as it was. */
export interface Reader {
  readonly name: string;
  readonly ask: (skb: SkBuff) => unknown;
  /** Brings a packet from its IP header on to how it stands where the function is asked. */
  readonly place?: (skb: SkBuff) => void;
}

export interface ReaderBench {
  readonly host: Container;
  readonly pool: SkbPool;
  readonly readers: readonly Reader[];
}

export interface ReaderOptions {
  /** Further packets to try, as frames: those that it is about. */
  readonly packets?: readonly Sample[];
}

/**
 * What every function has to do that only reads: a sensible answer for every packet, the same however its bytes lie, no
 * garbage, and the packet as it was; it sends nothing, registers nothing, calls no socket.
 *
 * @param wrong - says what is wrong about an answer, or null
 */
export function readerTests(
  bench: () => Promise<ReaderBench>,
  wrong: (answer: unknown) => string | null,
  { packets = [] }: ReaderOptions,
  which: (sample: Sample) => boolean = () => true,
): void {
  const all = [...samples, ...packets].filter(which);

  test.each(layouts)('answers every packet and leaves it as it was, %s', async (layout) => {
    const { host, pool, readers } = await bench();
    const path = await PacketPath.of(host);
    for (const sample of all) {
      for (const reader of readers) {
        const { skb, clone } = packet(pool, sample, layout, reader);
        askAndLook(path, reader, skb, sample[0], wrong);
        skb.consume();
        clone?.consume();
      }
    }
  });

  test('decides alike whether a packet lies in one piece or in fragments', async () => {
    for (const sample of all) {
      const answers = (['in one piece', 'in fragments'] as const).map(async (layout) => {
        const { pool, readers } = await bench();
        return readers.map((reader) => {
          const { skb } = packet(pool, sample, layout, reader);
          const answer = reader.ask(skb);
          skb.consume();
          return answer;
        });
      });
      const [linear, scattered] = await Promise.all(answers);
      expect(scattered, `${sample[0]}: it reads what is not linear; call mayPull first`).toEqual(linear);
    }
  });

  test('allocates nothing for a packet', async () => {
    const { pool, readers } = await bench();
    for (const reader of readers) {
      const { skb } = packet(pool, all[0]!, 'in one piece', reader);
      const each = bytesPerCall(() => void reader.ask(skb));
      skb.consume();
      const garbage = `${reader.name} leaves ${Math.round(each)} bytes of garbage for each packet`;
      expect(each, garbage).toBeLessThan(ALLOCATION_FREE);
    }
  });
}

function packet(
  pool: SkbPool,
  [, frame]: Sample,
  layout: Layout,
  { place }: Reader,
): { skb: SkBuff; clone: SkBuff | null } {
  let clone: SkBuff | null = null;
  const skb = samplePacket(pool, frame, layout, (whole) => (clone = skbClone(whole)));
  place?.(skb);
  return { skb, clone };
}

/** Asks, and fails when the answer or what was done to the packet is not right. */
function askAndLook(
  path: PacketPath,
  { name, ask }: Reader,
  skb: SkBuff,
  what: string,
  wrong: (answer: unknown) => string | null,
): void {
  const { id, len, pool, users } = skb;
  const bytes = bytesOf(skb);
  const fields = fieldsOf(skb);
  const { lastId } = tracing;
  const answer = path.watch(name, what, () => {
    try {
      return ask(skb);
    } catch (error) {
      expect.fail(`${name} threw at ${what}: ${(error as Error).message}`);
    }
  });
  expect(pool.isAlive(skb, id), `${name} freed ${what}, which is not its own: it only reads`).toBe(true);
  expect(skb.users, `${name} keeps ${what}: who is asked remembers numbers, not packets`).toBe(users);
  expect(skb.len, `${name} moved data or tail of ${what}: it only reads`).toBe(len);
  expect(bytesOf(skb), `${name} wrote into ${what}: it only reads`).toEqual(bytes);
  const changed = fieldsOf(skb).filter(([, value], i) => value !== fields[i]![1]);
  const names = changed.map(([field]) => field).join(', ');
  expect(names, `${name} changed ${names} of ${what}: it only reads`).toBe('');
  const made = `${name} made packets at ${what}: it is asked on the packet path, and sends from a timer`;
  expect(tracing.lastId, made).toBe(lastId);
  const problem = wrong(answer);
  if (problem !== null) expect.fail(`${name} answered ${String(answer)} to ${what}: ${problem}`);
}

const FIELDS = [
  'dev',
  'dst',
  'sk',
  'nfct',
  'destructor',
  'protocol',
  'pktType',
  'ipSummed',
  'csum',
  'priority',
  'mark',
  'queueMapping',
  'vlanPresent',
  'tstamp',
  'next',
] as const;

const HEADERS = ['macHeader', 'networkHeader', 'transportHeader'] as const;

/** What a packet says of itself. Headers as they lie to `data`: the whole may move when it becomes linear. */
function fieldsOf(skb: SkBuff): [string, unknown][] {
  return [
    ...FIELDS.map((field): [string, unknown] => [field, skb[field]]),
    ...HEADERS.map((field): [string, unknown] => [field, skb[field] - skb.data]),
  ];
}

/** From the first header on, whatever `data` is at. */
function bytesOf(skb: SkBuff): Uint8Array {
  const headers = skb.arena.u8.slice(skb.macHeader, skb.data);
  const bytes = new Uint8Array(headers.length + skb.len);
  bytes.set(headers);
  skbCopyToBytes(skb, 0, bytes, headers.length, skb.len);
  return bytes;
}
