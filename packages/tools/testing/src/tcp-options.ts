import { concat } from './checksum.ts';

/** Options of a TCP header, by what they say. Numbers are unsigned. */
export interface TcpOptions {
  mss?: number;
  sackPermitted?: true;
  timestamps?: { value: number; echo: number };
  windowScale?: number;
  /** Blocks as pairs: left edge, right edge (exclusive). */
  sack?: [number, number][];
  /** Counters of AccECN as on the wire, in the order of the option's kind. */
  accecn?: { order: 0 | 1; counters: number[] };
  /** A cookie of Fast Open; empty to ask for one. With `experimental`, in option 254. */
  fastOpen?: { cookie: Uint8Array; experimental?: true };
  /** The digest of an MD5 signature. */
  md5?: Uint8Array;
}

const END = 0;
const NOP = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;
const MD5 = 19;
const FAST_OPEN = 34;
const EXPERIMENT = 254;
const FAST_OPEN_MAGIC = [0xf9, 0x89];

const ACCECN = [172, 174] as const;

const int24 = (value: number): number[] => [(value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
const int32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);

/** The options in the order in which Linux writes them, filled up with NOPs to a multiple of four bytes. */
export function encodeTcpOptions(options: TcpOptions): Uint8Array {
  const parts: Uint8Array[] = [];
  const { mss, timestamps, windowScale, sack, fastOpen, md5 } = options;
  if (md5) parts.push(Uint8Array.of(NOP, NOP, MD5, 2 + md5.length), md5);
  if (mss !== undefined) parts.push(Uint8Array.of(MSS, 4, mss >>> 8, mss));
  if (timestamps) {
    const head = options.sackPermitted ? [SACK_PERMITTED, 2] : [NOP, NOP];
    parts.push(Uint8Array.of(...head, TIMESTAMPS, 10), int32(timestamps.value), int32(timestamps.echo));
  } else if (options.sackPermitted) parts.push(Uint8Array.of(NOP, NOP, SACK_PERMITTED, 2));
  if (windowScale !== undefined) parts.push(Uint8Array.of(NOP, WINDOW_SCALE, 3, windowScale));
  if (sack) parts.push(Uint8Array.of(NOP, NOP, SACK, 2 + 8 * sack.length), ...sack.flat().map(int32));
  if (fastOpen) parts.push(fastOpenBytes(fastOpen.cookie, fastOpen.experimental ? FAST_OPEN_MAGIC : null));
  if (options.accecn) parts.push(encodeAccecn(options.accecn));
  return concat(...parts);
}

function encodeAccecn({ order, counters }: NonNullable<TcpOptions['accecn']>): Uint8Array {
  const bytes = [ACCECN[order], 2 + 3 * counters.length, ...counters.flatMap(int24)];
  while (bytes.length % 4 !== 0) bytes.push(NOP);
  return Uint8Array.from(bytes);
}

function fastOpenBytes(cookie: Uint8Array, magic: number[] | null): Uint8Array {
  const head = magic === null ? [FAST_OPEN, 2 + cookie.length] : [EXPERIMENT, 4 + cookie.length, ...magic];
  const length = head.length + cookie.length;
  return Uint8Array.from([...head, ...cookie, ...new Array<number>(-length & 3).fill(NOP)]);
}

/** Reads options; stops at one that is cut off. */
export function decodeTcpOptions(bytes: Uint8Array): TcpOptions {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const options: TcpOptions = {};
  for (let at = 0; at < bytes.length && bytes[at] !== END;) {
    if (bytes[at] === NOP) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > bytes.length) break;
    decodeOption(options, view, at, bytes[at], length);
    at += length;
  }
  return options;
}

function decodeOption(options: TcpOptions, view: DataView, at: number, kind: number, length: number): void {
  if (kind === MSS) options.mss = view.getUint16(at + 2);
  else if (kind === WINDOW_SCALE) options.windowScale = view.getUint8(at + 2);
  else if (kind === SACK_PERMITTED) options.sackPermitted = true;
  else if (kind === TIMESTAMPS) options.timestamps = { value: view.getUint32(at + 2), echo: view.getUint32(at + 6) };
  else if (kind === MD5) options.md5 = bytesOf(view, at + 2, length - 2);
  else if (kind === FAST_OPEN) options.fastOpen = { cookie: bytesOf(view, at + 2, length - 2) };
  else if (kind === EXPERIMENT && length >= 4 && view.getUint16(at + 2) === 0xf989)
    options.fastOpen = { cookie: bytesOf(view, at + 4, length - 4), experimental: true };
  else if (kind === SACK) {
    options.sack = [];
    for (let edge = at + 2; edge < at + length; edge += 8)
      options.sack.push([view.getUint32(edge), view.getUint32(edge + 4)]);
  } else if (kind === ACCECN[0] || kind === ACCECN[1]) {
    options.accecn = { order: kind === ACCECN[0] ? 0 : 1, counters: [] };
    for (let field = at + 2; field + 3 <= at + length; field += 3)
      options.accecn.counters.push((view.getUint16(field) << 8) | view.getUint8(field + 2));
  }
}

function bytesOf(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, length).slice();
}
