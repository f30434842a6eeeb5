import { SkBuff } from '@stack/skb';
import { expect } from 'vitest';
import { decodeFrame, type DecodedFrame, type DecodedIp, type DecodedTcp } from './decode.ts';
import { ethernetFrame } from './frames.ts';
import { flagsBits } from './tcp-flags.ts';

/** Where a packet is not as it should be: the field, what it should be, what it is. */
export interface Mismatch {
  readonly field: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** Says what of a packet is not as it should be; nothing when it matches. Made by {@link tcp} and its siblings. */
export type PacketMatcher = (packet: DecodedFrame) => readonly Mismatch[];

/** Fields to compare; each may be an asymmetric matcher such as `expect.any(Number)`. Numbers are unsigned. */
type Fields<T> = {
  readonly [K in keyof T]?: unknown extends T[K] ? never : T[K] | { asymmetricMatch(other: unknown): boolean };
};

export type EthMatch = Fields<DecodedFrame['eth']>;
export type IpMatch = Fields<DecodedIp>;
export type UdpMatch = Fields<NonNullable<DecodedFrame['udp']>>;
export type IcmpMatch = Fields<NonNullable<DecodedFrame['icmp']>>;
export type ArpMatch = Fields<NonNullable<DecodedFrame['arp']>>;
/** `flags` as letters in any order, `'SA'`, or as tcpdump writes them, `'S.'`. */
export type TcpMatch = Fields<DecodedTcp>;

export const eth = layer<EthMatch>('eth');
export const arp = layer<ArpMatch>('arp');
export const ip = layer<IpMatch>('ip');
export const udp = layer<UdpMatch>('udp');
export const icmp = layer<IcmpMatch>('icmp');

/** A TCP segment: `tcp({ flags: 'SA', ack: 1 })`, with what it carries behind. */
export function tcp(fields: TcpMatch = {}, ...inner: readonly PacketMatcher[]): PacketMatcher {
  const flags = typeof fields.flags === 'string' ? { flags: sameFlags(fields.flags) } : {};
  return layer<object>('tcp')({ ...fields, ...flags }, ...inner);
}

/** What the last header carries: bytes, or a text. */
export function payload(expected: Uint8Array | string): PacketMatcher {
  return ({ payload: found }) => {
    const same = typeof expected === 'string' ? text(found) === expected : equalBytes(found, expected);
    return same ? [] : [{ field: 'payload', expected, found: typeof expected === 'string' ? text(found) : found }];
  };
}

/** All of them at once. */
export function all(...matchers: readonly PacketMatcher[]): PacketMatcher {
  return (packet) => matchers.flatMap((matcher) => matcher(packet));
}

type LayerName = 'eth' | 'arp' | 'ip' | 'tcp' | 'udp' | 'icmp';

/** A matcher of one header, and of others behind it: `ip({ ttl: 63 }, tcp({ flags: 'S' }), payload(''))`. */
function layer<F extends object>(name: LayerName) {
  return (fields: F = {} as F, ...inner: readonly PacketMatcher[]): PacketMatcher =>
    (packet) => {
      const header = packet[name] as Record<string, unknown> | undefined;
      if (header === undefined) return [{ field: name, expected: 'a header', found: 'none' }];
      const wrong = Object.entries(fields).flatMap(([field, expected]): Mismatch[] =>
        equal(header[field], expected)
          ? []
          : [{ field: `${name}.${field}`, expected: shown(expected), found: header[field] }],
      );
      return [...wrong, ...inner.flatMap((matcher) => matcher(packet))];
    };
}

interface Asymmetric {
  asymmetricMatch(other: unknown): boolean;
}

function equal(found: unknown, expected: unknown): boolean {
  if (typeof (expected as Asymmetric | null)?.asymmetricMatch === 'function') {
    return (expected as Asymmetric).asymmetricMatch(found);
  }
  return JSON.stringify(found) === JSON.stringify(expected);
}

const shown = (expected: unknown): unknown => (expected as { shown?: string } | null)?.shown ?? expected;

/** The same flags in whatever way they are written. */
function sameFlags(flags: string): Asymmetric & { shown: string } {
  const bits = flagsBits(flags.replaceAll('A', '.'));
  return { shown: flags, asymmetricMatch: (found) => (flagsBits(found as string) & 0xff) === bits };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/** A packet's bytes taken apart: a frame, or what begins at the IP header; of an skb, what its headers say. */
export function decodePacket(packet: SkBuff | Uint8Array): DecodedFrame {
  const bytes = packet instanceof SkBuff ? bytesOf(packet) : packet;
  const bare = bytes.length >= 20 && bytes[0] >>> 4 === 4 && ((bytes[2] << 8) | bytes[3]) === bytes.length;
  return decodeFrame(bare ? ethernetFrame(0x0800, bytes) : bytes);
}

function bytesOf(skb: SkBuff): Uint8Array {
  const { data, len, shinfo, arena } = skb;
  const from =
    skb.networkHeader === 0 ? data : skb.macHeader !== 0 && data <= skb.networkHeader ? data : skb.networkHeader;
  const bytes = new Uint8Array(len + data - from);
  const linear = skb.headlen + data - from;
  bytes.set(arena.u8.subarray(from, from + linear));
  let at = linear;
  for (let i = 0; i < shinfo.nrFrags; i++) {
    const begin = shinfo.fragAddress(i);
    bytes.set(arena.u8.subarray(begin, begin + shinfo.fragSize[i]), at);
    at += shinfo.fragSize[i];
  }
  return bytes;
}

expect.extend({
  toMatchPacket(received: SkBuff | Uint8Array, matcher: PacketMatcher) {
    const wrong = matcher(decodePacket(received));
    const lines = wrong.map(
      ({ field, expected, found }) =>
        `  ${field}: expected ${this.utils.printExpected(expected)}, found ${this.utils.printReceived(found)}`,
    );
    return {
      pass: wrong.length === 0,
      message: () => (wrong.length === 0 ? 'the packet matches' : `the packet does not match:\n${lines.join('\n')}`),
    };
  },
});

declare module 'vitest' {
  // eslint-disable-next-line
  interface Matchers<T = any> {
    /** Compares a packet with what it should be: `expect(frame).toMatchPacket(tcp({ flags: 'SA', ack: 1 }))`. */
    toMatchPacket(matcher: PacketMatcher): T;
  }
}
