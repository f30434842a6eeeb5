import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { chunks, payload } from '../src/payload.ts';

const whole = (total: number, seed: number): Buffer => Buffer.concat([...chunks(total, seed)]);

test('has exactly the bytes asked for', () => {
  for (const total of [1, 65_536, 65_537, 200_000]) expect(whole(total, 1).length).toBe(total);
});

test('the same seed gives the same bytes, another one others', () => {
  expect(whole(200_000, 1).equals(whole(200_000, 1))).toBe(true);
  expect(whole(200_000, 1).equals(whole(200_000, 2))).toBe(false);
});

test('two chunks differ, so that one in the place of another is noticed', () => {
  const [first, second] = chunks(131_072, 1);
  expect(first.equals(second)).toBe(false);
});

test('the stream brings the bytes and knows their hash', async () => {
  const { stream, digest } = payload(200_000, 1);
  const read: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) read.push(chunk);
  const bytes = Buffer.concat(read);
  expect(bytes.equals(whole(200_000, 1))).toBe(true);
  expect(digest()).toBe(createHash('sha256').update(bytes).digest('hex'));
});
