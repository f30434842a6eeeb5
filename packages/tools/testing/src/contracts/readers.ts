import type { Container } from '@stack/plugin';
import { skbClone, skbCopyToBytes, type SkBuff, type SkbPool } from '@stack/skb';
import { expect, test } from 'vitest';
import { ALLOCATION_FREE, bytesPerCall } from '../allocation.ts';
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
 * garbage, and the packet as it was.
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
    const { pool, readers } = await bench();
    for (const sample of all) {
      for (const reader of readers) {
        const { skb, clone } = packet(pool, sample, layout, reader);
        askAndLook(pool, reader, skb, sample[0], wrong);
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
  pool: SkbPool,
  { name, ask }: Reader,
  skb: SkBuff,
  what: string,
  wrong: (answer: unknown) => string | null,
): void {
  const { id, len, users } = skb;
  const { live } = pool;
  const before = bytesOf(skb);
  let answer: unknown;
  try {
    answer = ask(skb);
  } catch (error) {
    expect.fail(`${name} threw at ${what}: ${(error as Error).message}`);
  }
  expect(pool.isAlive(skb, id), `${name} freed ${what}, which is not its own: it only reads`).toBe(true);
  expect(skb.users, `${name} keeps ${what}: who is asked remembers numbers, not packets`).toBe(users);
  expect(skb.len, `${name} moved data or tail of ${what}: it only reads`).toBe(len);
  expect(bytesOf(skb), `${name} wrote into ${what}: it only reads`).toEqual(before);
  expect(pool.live, `${name} made packets at ${what}: it is asked on the packet path, and sends from a timer`).toBe(
    live,
  );
  const problem = wrong(answer);
  if (problem !== null) expect.fail(`${name} answered ${String(answer)} to ${what}: ${problem}`);
}

function bytesOf(skb: SkBuff): Uint8Array {
  const bytes = new Uint8Array(skb.len);
  skbCopyToBytes(skb, 0, bytes, 0, skb.len);
  return bytes;
}
