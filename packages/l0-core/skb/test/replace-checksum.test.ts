import { csumFold, csumPseudo } from '@stack/memory';
import { expect, test } from 'vitest';
import {
  CHECKSUM_COMPLETE,
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  inetProtoCsumReplace4,
  skbChecksum,
  type SkBuff,
} from '../src/index.ts';
import { newPool, pattern } from './support.ts';

const LENGTH = 40;
const CHECK = 6;
const HERE = 0x0a000001;

/** A datagram with the checksum that it has to have when it goes to `destination`. */
function datagram(destination: number): SkBuff {
  const skb = newPool().alloc(LENGTH)!;
  skb.putData(pattern(LENGTH));
  skb.setU16(CHECK, 0);
  skb.setU16(CHECK, csumFold(skbChecksum(skb, 0, LENGTH, csumPseudo(HERE, destination, LENGTH, 17))));
  return skb;
}

test.each([
  [0x0a000063, 0x0a010001],
  [0x01020304, -1],
  [-2, 0x7f000001],
])('the checksum of a datagram to %i is right for %i', (before, after) => {
  const skb = datagram(before);
  skb.ipSummed = CHECKSUM_NONE;
  inetProtoCsumReplace4(skb, skb.data + CHECK, before, after, true);
  const wanted = datagram(after);
  expect(skb.u16(CHECK)).toBe(wanted.u16(CHECK));
  skb.consume();
  wanted.consume();
});

test('a sum over all bytes stays one', () => {
  const [before, after] = [0x0a000063, 0x0a010001];
  const skb = datagram(before);
  skb.ipSummed = CHECKSUM_COMPLETE;
  skb.csum = skbChecksum(skb, 0, LENGTH, 0);
  inetProtoCsumReplace4(skb, skb.data + CHECK, before, after, true);
  expect(csumFold(skb.csum)).toBe(csumFold(skbChecksum(skb, 0, LENGTH, 0)));
  skb.consume();
});

test('what waits for the chip is the sum of the pseudo-header: other words do not change it', () => {
  const [before, after] = [0x0a000063, 0x0a010001];
  const skb = datagram(before);
  skb.ipSummed = CHECKSUM_PARTIAL;
  const pseudo = (destination: number): number => ~csumFold(csumPseudo(HERE, destination, LENGTH, 17)) & 0xffff;
  skb.setU16(CHECK, pseudo(before));
  inetProtoCsumReplace4(skb, skb.data + CHECK, before, after, false);
  expect(skb.u16(CHECK)).toBe(pseudo(before));
  inetProtoCsumReplace4(skb, skb.data + CHECK, before, after, true);
  expect(skb.u16(CHECK)).toBe(pseudo(after));
  skb.consume();
});
