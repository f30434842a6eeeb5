import type { IpAnnotation, TcpOption } from '../language/script.ts';
import { internetChecksum, pseudoHeaderSum } from './checksum.ts';
import { digestAt, md5Digest } from './md5.ts';
import { encodeOptions } from './tcp-option-bytes.ts';

const TTL = 255;
const TCP = 6;
const UDP = 17;
const ICMP = 1;

/** Where a packet comes from and goes to. Addresses int32. */
export interface Flow {
  readonly source: number;
  readonly destination: number;
  readonly sport: number;
  readonly dport: number;
}

/** Numbers are those on the wire. */
export interface TcpFields {
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly window: number;
  readonly urgent: number;
  readonly options: readonly TcpOption[];
  /** Signs what has the option `md5 valid`. */
  readonly md5Key: Uint8Array;
  /** Zeros that follow. */
  readonly length: number;
}

export function buildTcp(flow: Flow, ip: IpAnnotation, fields: TcpFields): Uint8Array {
  const options = encodeOptions(fields.options);
  const segment = new Uint8Array(20 + options.length + fields.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, flow.sport);
  view.setUint16(2, flow.dport);
  view.setUint32(4, fields.seq);
  view.setUint32(8, fields.ack);
  view.setUint16(12, ((20 + options.length) << 10) | fields.flags);
  view.setUint16(14, fields.window);
  view.setUint16(18, fields.urgent);
  segment.set(options, 20);
  sign(flow, segment, fields);
  view.setUint16(16, transportChecksum(flow, TCP, segment));
  return buildIp(flow, ip, TCP, segment);
}

/** What is signed otherwise has another digest for certain. */
function sign({ source, destination }: Flow, segment: Uint8Array, { options, md5Key }: TcpFields): void {
  const option = options.find((each) => each.kind === 'md5' && each.isValid !== null);
  if (option?.kind !== 'md5') return;
  const digest = md5Digest(source, destination, segment, md5Key);
  if (option.isValid === false) digest[0] ^= 0xff;
  segment.set(digest, digestAt(segment));
}

export function buildUdp(flow: Flow, ip: IpAnnotation, length: number): Uint8Array {
  const datagram = new Uint8Array(8 + length);
  const view = new DataView(datagram.buffer);
  view.setUint16(0, flow.sport);
  view.setUint16(2, flow.dport);
  view.setUint16(4, datagram.length);
  view.setUint16(6, transportChecksum(flow, UDP, datagram) || 0xffff);
  return buildIp(flow, ip, UDP, datagram);
}

/** An ICMP error about a packet of the other direction; `about` is the beginning of what that packet carried. */
export function buildIcmpError(
  flow: Flow,
  ip: IpAnnotation,
  message: { type: number; code: number; mtu: number; protocol: number; about: Uint8Array; aboutLength: number },
): Uint8Array {
  const back = { source: flow.destination, destination: flow.source };
  const original = buildIp(
    back,
    { tos: null, ecn: null, ttl: null },
    message.protocol,
    message.about,
    message.aboutLength,
  );
  const bytes = new Uint8Array(8 + original.length);
  const view = new DataView(bytes.buffer);
  bytes.set([message.type, message.code]);
  view.setUint16(6, message.mtu);
  bytes.set(original, 8);
  view.setUint16(2, internetChecksum(bytes, 0, bytes.length));
  return buildIp(flow, ip, ICMP, bytes);
}

/** An ICMP message that is about no other packet: a ping. */
export function buildIcmpQuery(flow: Flow, ip: IpAnnotation, type: number, code: number): Uint8Array {
  const bytes = new Uint8Array(8);
  bytes.set([type, code]);
  new DataView(bytes.buffer).setUint16(2, internetChecksum(bytes, 0, bytes.length));
  return buildIp(flow, ip, ICMP, bytes);
}

type Addresses = Pick<Flow, 'source' | 'destination'>;

function buildIp(
  { source, destination }: Addresses,
  ip: IpAnnotation,
  protocol: number,
  inner: Uint8Array,
  length = inner.length,
): Uint8Array {
  const bytes = new Uint8Array(20 + inner.length);
  const view = new DataView(bytes.buffer);
  const ecn = ip.ecn === 'ect01' ? 2 : (ip.ecn ?? 0);
  bytes.set([0x45, (ip.tos ?? 0) | ecn]);
  view.setUint16(2, 20 + length);
  view.setUint16(6, 0x4000);
  bytes.set([ip.ttl ?? TTL, protocol], 8);
  view.setInt32(12, source);
  view.setInt32(16, destination);
  view.setUint16(10, internetChecksum(bytes, 0, 20));
  bytes.set(inner, 20);
  return bytes;
}

function transportChecksum({ source, destination }: Addresses, protocol: number, bytes: Uint8Array): number {
  return internetChecksum(bytes, 0, bytes.length, pseudoHeaderSum(source, destination, protocol, bytes.length));
}
