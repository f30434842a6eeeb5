import { ipBytes, macBytes } from './addresses.ts';
import { concat, internetChecksum, pseudoHeader } from './checksum.ts';
import { encodeTcpOptions, type TcpOptions } from './tcp-options.ts';
import { flagsBits } from './tcp-flags.ts';

/** Ends of an Ethernet frame; unless given, from `02:00:00:00:00:01` to `02:00:00:00:00:02`. */
export interface EthernetFields {
  macSource?: string;
  macDestination?: string;
}

export interface Ipv4Fields extends EthernetFields {
  /** `10.0.0.1` unless given. */
  source?: string;
  /** `10.0.0.2` unless given. */
  destination?: string;
  tos?: number;
  id?: number;
  ttl?: number;
  /** DF and MF. */
  dontFragment?: boolean;
  moreFragments?: boolean;
  /** In bytes, a multiple of 8. */
  fragmentOffset?: number;
  /** Raw, a multiple of four bytes. */
  ipOptions?: Uint8Array;
}

/** Bytes, or a text in UTF-8. */
export type Payload = Uint8Array | string;

export interface Ports {
  sourcePort: number;
  destinationPort: number;
}

export interface UdpFields extends Ipv4Fields, Ports {
  payload?: Payload;
  /** `false` sends 0: no checksum. */
  checksum?: boolean;
}

export interface TcpFields extends Ipv4Fields, Ports {
  seq?: number;
  ack?: number;
  /** As tcpdump writes them: `S`, `S.`, `.`, `P.`, `F.`, `R`. */
  flags: string;
  window?: number;
  urgent?: number;
  options?: TcpOptions;
  payload?: Payload;
}

export interface IcmpFields extends Ipv4Fields {
  type: number;
  code?: number;
  /** The last four bytes of the header: identifier and sequence number of an echo, the MTU, the gateway. */
  rest?: number;
  payload?: Payload;
}

export interface ArpFields extends EthernetFields {
  operation: 'request' | 'reply';
  senderMac?: string;
  senderIp: string;
  targetMac?: string;
  targetIp: string;
}

const u16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value);
const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const bytesOf = (payload: Payload = ''): Uint8Array =>
  typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;

const FROM = '02:00:00:00:00:01';
const TO = '02:00:00:00:00:02';

/** A frame without padding and without FCS. */
export function ethernetFrame(type: number, payload: Uint8Array, fields: EthernetFields = {}): Uint8Array {
  const { macSource = FROM, macDestination = TO } = fields;
  return concat(macBytes(macDestination), macBytes(macSource), u16(type), payload);
}

export function arpFrame(fields: ArpFields): Uint8Array {
  const { operation, senderMac = fields.macSource ?? FROM, targetMac = '00:00:00:00:00:00' } = fields;
  const packet = concat(
    Uint8Array.of(0, 1, 8, 0, 6, 4, 0, operation === 'request' ? 1 : 2),
    ...[macBytes(senderMac), ipBytes(fields.senderIp), macBytes(targetMac), ipBytes(fields.targetIp)],
  );
  const macDestination = fields.macDestination ?? (operation === 'request' ? 'ff:ff:ff:ff:ff:ff' : targetMac);
  return ethernetFrame(0x0806, packet, { macSource: senderMac, ...fields, macDestination });
}

export function ipv4Frame(protocol: number, payload: Uint8Array, fields: Ipv4Fields = {}): Uint8Array {
  const { tos = 0, id = 0, ttl = 64, ipOptions = new Uint8Array(0) } = fields;
  const length = 20 + ipOptions.length;
  const flags = (fields.dontFragment ? 0x4000 : 0) | (fields.moreFragments ? 0x2000 : 0);
  const { source, destination } = addresses(fields);
  const header = concat(
    ...[Uint8Array.of(0x40 | (length >>> 2), tos), u16(length + payload.length), u16(id)],
    ...[u16(flags | ((fields.fragmentOffset ?? 0) >>> 3)), Uint8Array.of(ttl, protocol), u16(0)],
    ...[source, destination, ipOptions],
  );
  header.set(u16(internetChecksum(header)), 10);
  return ethernetFrame(0x0800, concat(header, payload), fields);
}

export function udpFrame(fields: UdpFields): Uint8Array {
  const payload = bytesOf(fields.payload);
  const length = 8 + payload.length;
  const packet = concat(u16(fields.sourcePort), u16(fields.destinationPort), u16(length), u16(0), payload);
  if (fields.checksum !== false) packet.set(u16(transportChecksum(17, packet, fields) || 0xffff), 6);
  return ipv4Frame(17, packet, fields);
}

export function tcpFrame(fields: TcpFields): Uint8Array {
  const { seq = 0, ack = 0, window = 65_535, urgent = 0 } = fields;
  const options = encodeTcpOptions(fields.options ?? {});
  const packet = concat(
    ...[u16(fields.sourcePort), u16(fields.destinationPort), u32(seq), u32(ack)],
    ...[u16(((20 + options.length) << 10) | flagsBits(fields.flags)), u16(window), u16(0), u16(urgent)],
    ...[options, bytesOf(fields.payload)],
  );
  packet.set(u16(transportChecksum(6, packet, fields)), 16);
  return ipv4Frame(6, packet, fields);
}

export function icmpFrame(fields: IcmpFields): Uint8Array {
  const packet = concat(
    Uint8Array.of(fields.type, fields.code ?? 0, 0, 0),
    u32(fields.rest ?? 0),
    bytesOf(fields.payload),
  );
  packet.set(u16(internetChecksum(packet)), 2);
  return ipv4Frame(1, packet, fields);
}

function addresses(fields: Ipv4Fields): { source: Uint8Array; destination: Uint8Array } {
  return { source: ipBytes(fields.source ?? '10.0.0.1'), destination: ipBytes(fields.destination ?? '10.0.0.2') };
}

function transportChecksum(protocol: number, packet: Uint8Array, fields: Ipv4Fields): number {
  const { source, destination } = addresses(fields);
  return internetChecksum(pseudoHeader(source, destination, protocol, packet.length), packet);
}
