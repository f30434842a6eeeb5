import type { TcpOption } from '../language/script.ts';
import { DIGEST } from './md5.ts';

/** Kinds of TCP options. @rfc 9293 3.1 and https://www.iana.org/assignments/tcp-parameters */
const EOL = 0;
const NOP = 1;
const MSS = 2;
const WSCALE = 3;
const SACK_OK = 4;
const SACK = 5;
const TS = 8;
const MD5 = 19;
const FAST_OPEN = 34;
const ACC_ECN_ORDER_0 = 172;
const ACC_ECN_ORDER_1 = 174;
const EXPERIMENT = 254;
const FAST_OPEN_MAGIC = 0xf989;

/** An option that came, of whatever kind. */
export type SeenOption = TcpOption;

const u16 = (value: number): number[] => [value >>> 8, value & 0xff];
const u24 = (value: number): number[] => [(value >>> 16) & 0xff, ...u16(value & 0xffff)];
const u32 = (value: number): number[] => [value >>> 24, ...u24(value & 0xffffff)];

/** As the bytes of a header, in the order given and without padding. */
export function encodeOptions(options: readonly TcpOption[]): Uint8Array {
  return Uint8Array.from(options.flatMap(encodeOption));
}

function encodeOption(option: TcpOption): number[] {
  switch (option.kind) {
    case 'eol':
      return [EOL];
    case 'nop':
      return [NOP];
    case 'mss':
      return [MSS, 4, ...u16(option.value)];
    case 'wscale':
      return [WSCALE, 3, option.value];
    case 'sackOK':
      return [SACK_OK, 2];
    case 'sack':
      return withLength(
        SACK,
        option.blocks.flatMap(([left, right]) => [...u32(left), ...u32(right)]),
      );
    case 'TS':
      return [TS, 10, ...u32(option.val), ...u32(option.ecr)];
    case 'md5':
      return withLength(MD5, [...option.bytes, ...new Uint8Array(option.bytes.length === 0 ? DIGEST : 0)]);
    case 'unknown':
      return withLength(option.number, [...option.bytes]);
    case 'FO':
      return withLength(FAST_OPEN, [...option.bytes]);
    case 'exp-FO':
      return withLength(EXPERIMENT, [...u16(FAST_OPEN_MAGIC), ...option.bytes]);
    case 'ECN':
      return withLength(option.order === 0 ? ACC_ECN_ORDER_0 : ACC_ECN_ORDER_1, option.counters.flatMap(u24));
    case 'exp':
      return withLength(EXPERIMENT, [
        ...(option.magic > 0xffff ? u32(option.magic) : u16(option.magic)),
        ...option.bytes,
      ]);
  }
}

function withLength(kind: number, value: readonly number[]): number[] {
  return [kind, value.length + 2, ...value];
}

/** Null when an option is cut off or has an impossible length. */
export function decodeOptions(bytes: Uint8Array): SeenOption[] | null {
  const options: SeenOption[] = [];
  for (let at = 0; at < bytes.length;) {
    const kind = bytes[at];
    if (kind === EOL || kind === NOP) {
      options.push({ kind: kind === EOL ? 'eol' : 'nop' });
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > bytes.length) return null;
    options.push(decodeOption(kind, bytes.slice(at + 2, at + length)));
    at += length;
  }
  return options;
}

function decodeOption(kind: number, value: Uint8Array): SeenOption {
  const view = new DataView(value.buffer);
  const { length } = value;
  if (kind === MSS && length === 2) return { kind: 'mss', value: view.getUint16(0) };
  if (kind === WSCALE && length === 1) return { kind: 'wscale', value: value[0] };
  if (kind === SACK_OK && length === 0) return { kind: 'sackOK' };
  if (kind === SACK && length % 8 === 0) return { kind: 'sack', blocks: decodeBlocks(view) };
  if (kind === TS && length === 8) return { kind: 'TS', val: view.getUint32(0), ecr: view.getUint32(4) };
  if (kind === MD5) return { kind: 'md5', bytes: value, isValid: null };
  if (kind === FAST_OPEN) return { kind: 'FO', bytes: value };
  if (kind === ACC_ECN_ORDER_0) return { kind: 'ECN', order: 0, counters: decodeCounters(view) };
  if (kind === ACC_ECN_ORDER_1) return { kind: 'ECN', order: 1, counters: decodeCounters(view) };
  if (kind === EXPERIMENT && length >= 2) {
    const magic = view.getUint16(0);
    const bytes = value.slice(2);
    return magic === FAST_OPEN_MAGIC ? { kind: 'exp-FO', bytes } : { kind: 'exp', magic, bytes };
  }
  return { kind: 'unknown', number: kind, bytes: value };
}

function decodeBlocks(view: DataView): [number, number][] {
  const blocks: [number, number][] = [];
  for (let at = 0; at < view.byteLength; at += 8) blocks.push([view.getUint32(at), view.getUint32(at + 4)]);
  return blocks;
}

function decodeCounters(view: DataView): number[] {
  const counters: number[] = [];
  for (let at = 0; at + 3 <= view.byteLength; at += 3) counters.push((view.getUint16(at) << 8) | view.getUint8(at + 2));
  return counters;
}
