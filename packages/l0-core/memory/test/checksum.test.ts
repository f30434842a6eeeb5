import { internetChecksum, pseudoHeader } from '@stack/testing';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { csumAdd, csumBlockAdd, csumFold, csumPseudo, csumSub } from '../src/index.ts';

const sum = fc.oneof(fc.constantFrom(0, -1, 1, 0x7fffffff, -0x80000000), fc.integer());
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
/** A partial sum of the bytes. */
const partial = (of: Uint8Array): number => 0xffff - internetChecksum(of);
/** 0 and 0xffff are the same number in one's complement. */
const value = (folded: number): number => folded % 0xffff;

it('adding is that of one-complement numbers', () => {
  fc.assert(
    fc.property(sum, sum, (a, b) => {
      expect(csumAdd(a, b)).toBe(csumAdd(a, b) | 0);
      expect(BigInt(csumAdd(a, b) >>> 0) % 0xffffffffn).toBe((BigInt(a >>> 0) + BigInt(b >>> 0)) % 0xffffffffn);
    }),
  );
});

it('taking out undoes adding', () => {
  fc.assert(
    fc.property(sum, sum, (a, b) => {
      expect(value(csumFold(csumSub(csumAdd(a, b), b)))).toBe(value(csumFold(a)));
    }),
  );
});

it('folding keeps the value and complements', () => {
  fc.assert(
    fc.property(sum, (a) => {
      expect(value(0xffff - csumFold(a))).toBe((a >>> 0) % 0xffff);
    }),
  );
  expect([csumFold(0), csumFold(0xffff), csumFold(-1), csumFold(0xdde7_0ddf | 0)]).toEqual([
    0xffff,
    0,
    0,
    0xffff - 0xebc6,
  ]);
});

it('the sum of a packet is put together from those of its parts, at any boundary', () => {
  fc.assert(
    fc.property(bytes(50), bytes(50), bytes(50), (a, b, c) => {
      let total = csumBlockAdd(0, partial(a), 0);
      total = csumBlockAdd(total, partial(b), a.length);
      total = csumBlockAdd(total, partial(c), a.length + b.length);
      expect(value(csumFold(total))).toBe(value(internetChecksum(Uint8Array.of(...a, ...b, ...c))));
    }),
  );
});

it('the pseudo-header is that of the RFCs', () => {
  const address = fc.integer();
  fc.assert(
    fc.property(address, address, fc.nat(0xffff), fc.nat(255), (source, destination, length, protocol) => {
      const quad = (n: number): Uint8Array => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
      const expected = internetChecksum(pseudoHeader(quad(source), quad(destination), protocol, length));
      expect(value(csumFold(csumPseudo(source, destination, length, protocol)))).toBe(value(expected));
    }),
  );
});
