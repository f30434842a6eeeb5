import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  SKB_GSO_DODGY,
  SKB_GSO_TCP_ECN,
  SKB_GSO_TCPV4,
  SkbPool,
  type SkBuff,
} from '@stack/skb';
import { machine, tcpFrame } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { readOffloads, writeOffloads } from '../src/offloads.ts';
import { VNET_HEADER } from '../src/vnet-header.ts';

/** A TCP packet of two full segments, with 12 bytes of options, `data` at its Ethernet header. */
function segment(): SkBuff {
  const frame = tcpFrame({
    sourcePort: 1,
    destinationPort: 2,
    flags: '.',
    options: { timestamps: { value: 1, echo: 2 } },
    payload: 'x'.repeat(2 * 1448),
  });
  const skb = new SkbPool(machine().arena).alloc(4096)!;
  skb.arena.u8.set(frame, skb.put(frame.length));
  return skb;
}

const TCP = 14 + 20;
const header = (...bytes: number[]): DataView =>
  new DataView(Uint8Array.from({ length: VNET_HEADER }, (_, i) => bytes[i] ?? 0).buffer);

describe('what the kernel says of a frame it sends', () => {
  test('nothing', () => {
    const skb = segment();
    expect(readOffloads(header(), skb)).toBe(true);
    expect([skb.ipSummed, skb.isGso]).toEqual([CHECKSUM_NONE, false]);
    skb.consume();
  });

  test('the checksum is right', () => {
    const skb = segment();
    expect(readOffloads(header(2), skb)).toBe(true);
    expect(skb.ipSummed).toBe(CHECKSUM_UNNECESSARY);
    skb.consume();
  });

  test('the checksum is not there yet, and the segments are still one', () => {
    const skb = segment();
    expect(readOffloads(header(1, 0x81, 0, 0, 1448 & 0xff, 1448 >> 8, TCP, 0, 16, 0), skb)).toBe(true);
    expect([skb.ipSummed, skb.csumStart - skb.data, skb.csumOffset]).toEqual([CHECKSUM_PARTIAL, TCP, 16]);
    expect(skb.shinfo).toMatchObject({
      gsoSize: 1448,
      gsoSegs: 2,
      gsoType: SKB_GSO_TCPV4 | SKB_GSO_DODGY | SKB_GSO_TCP_ECN,
    });
    skb.consume();
  });

  test.each([
    ['a checksum outside of the frame', header(1, 0, 0, 0, 0, 0, 0xff, 0xff, 16, 0)],
    ['segments of no bytes', header(1, 1, 0, 0, 0, 0, TCP, 0, 16, 0)],
    ['segments of a kind that we do not know', header(1, 5, 0, 0, 100, 0, TCP, 0, 16, 0)],
    ['segments without a checksum to fill in', header(0, 1, 0, 0, 100, 0, TCP, 0, 16, 0)],
  ])('%s is refused', (_, lie) => {
    const skb = segment();
    expect(readOffloads(lie, skb)).toBe(false);
    skb.consume();
  });
});

describe('what we say of a frame we send', () => {
  test('nothing, whatever was said before', () => {
    const skb = segment();
    const said = header(1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    writeOffloads(said, skb);
    expect(new Uint8Array(said.buffer)).toEqual(new Uint8Array(VNET_HEADER));
    skb.consume();
  });

  test('is what the other end would say', () => {
    const skb = segment();
    const heard = header(1, 0x81, TCP + 32, 0, 1448 & 0xff, 1448 >> 8, TCP, 0, 16, 0);
    readOffloads(heard, skb);
    const said = header();
    writeOffloads(said, skb);
    expect(new Uint8Array(said.buffer)).toEqual(new Uint8Array(heard.buffer));
    skb.consume();
  });
});
