import { internetChecksum } from './checksum.ts';
import type { SeenIcmp, SeenPacket, SeenTcp, SeenUdp } from './seen-packet.ts';
import { decodeOptions } from './tcp-option-bytes.ts';

const TCP = 6;
const UDP = 17;
const ICMP = 1;

/** Takes an IPv4 packet apart; `at` is when it was seen. What is broken in it is in `damage`. */
export function decodePacket(bytes: Uint8Array, at: number): SeenPacket {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerLength = (bytes[0] & 15) * 4;
  const totalLength = view.getUint16(2);
  const protocol = bytes[9];
  const common = {
    at,
    source: view.getInt32(12),
    destination: view.getInt32(16),
    tos: bytes[1],
    ttl: bytes[8],
    protocol,
    headerLength,
    totalLength,
  };
  const damage = ipDamage(bytes, headerLength, totalLength);
  if (damage !== null) return { ...common, damage, body: null };
  const inner = bytes.subarray(headerLength);
  const body = decodeBody(protocol, inner);
  const payload = body?.protocol === 'icmp' || body === null ? null : inner.subarray(inner.length - body.length);
  return { ...common, damage: payloadDamage(body, inner, payload), body };
}

function ipDamage(bytes: Uint8Array, headerLength: number, totalLength: number): string | null {
  if (bytes[0] >>> 4 !== 4) return `IP version ${bytes[0] >>> 4}`;
  if (headerLength < 20) return `an IP header of ${headerLength} bytes`;
  if (totalLength !== bytes.length) return `${totalLength} bytes by its IP header, ${bytes.length} in fact`;
  return internetChecksum(bytes, 0, headerLength) === 0 ? null : 'a wrong checksum of its IP header';
}

function payloadDamage(body: SeenPacket['body'], inner: Uint8Array, payload: Uint8Array | null): string | null {
  if (body === null) return 'a header that makes no sense';
  if (body.protocol === 'tcp' && (inner[12] & 0x0e) !== 0) return 'reserved bits that are set';
  return payload === null || payload.every((byte) => byte === 0) ? null : 'a payload that is not all zeros';
}

function decodeBody(protocol: number, bytes: Uint8Array): SeenPacket['body'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (protocol === TCP) return decodeTcp(bytes, view);
  if (protocol === UDP && bytes.length >= 8) return decodeUdp(view);
  if (protocol === ICMP && bytes.length >= 8) return decodeIcmp(view);
  return null;
}

function decodeTcp(bytes: Uint8Array, view: DataView): SeenTcp | null {
  const headerLength = (bytes[12] >>> 4) * 4;
  if (headerLength < 20 || headerLength > bytes.length) return null;
  const options = decodeOptions(bytes.slice(20, headerLength));
  if (options === null) return null;
  return {
    protocol: 'tcp',
    sport: view.getUint16(0),
    dport: view.getUint16(2),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    headerLength,
    flags: view.getUint16(12) & 0x1ff,
    window: view.getUint16(14),
    urgent: view.getUint16(18),
    options,
    length: bytes.length - headerLength,
    segment: bytes,
  };
}

function decodeUdp(view: DataView): SeenUdp {
  return { protocol: 'udp', sport: view.getUint16(0), dport: view.getUint16(2), length: view.byteLength - 8 };
}

function decodeIcmp(view: DataView): SeenIcmp {
  return { protocol: 'icmp', type: view.getUint8(0), code: view.getUint8(1), mtu: view.getUint16(6) };
}
