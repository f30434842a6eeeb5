import { ipText, macText } from './addresses.ts';
import { internetChecksum, pseudoHeader } from './checksum.ts';
import { flagsText } from './tcp-flags.ts';
import { decodeTcpOptions, type TcpOptions } from './tcp-options.ts';

/** A frame in plain values, for `toMatchObject`. What a frame does not have is absent; numbers are unsigned. */
export interface DecodedFrame {
  eth: { destination: string; source: string; type: number };
  vlan?: { priority: number; id: number };
  arp?: { operation: string; senderMac: string; senderIp: string; targetMac: string; targetIp: string };
  ip?: DecodedIp;
  tcp?: DecodedTcp;
  udp?: { sourcePort: number; destinationPort: number; length: number; checksum: number; checksumOk: boolean };
  icmp?: { type: number; code: number; rest: number; checksumOk: boolean };
  /** What follows the last header that was understood, without Ethernet padding. */
  payload: Uint8Array;
}

export interface DecodedIp {
  source: string;
  destination: string;
  protocol: number;
  tos: number;
  id: number;
  ttl: number;
  dontFragment: boolean;
  moreFragments: boolean;
  /** In bytes. */
  fragmentOffset: number;
  headerLength: number;
  totalLength: number;
  checksumOk: boolean;
}

export interface DecodedTcp {
  sourcePort: number;
  destinationPort: number;
  seq: number;
  ack: number;
  /** As tcpdump writes them: `S.`, `P.`. */
  flags: string;
  window: number;
  urgent: number;
  headerLength: number;
  options: TcpOptions;
  checksumOk: boolean;
}

/** Takes an Ethernet frame apart. Throws a RangeError when a header is cut off. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  const view = viewOf(bytes);
  const eth = {
    destination: macText(bytes.subarray(0, 6)),
    source: macText(bytes.subarray(6, 12)),
    type: view.getUint16(12),
  };
  const frame: DecodedFrame = { eth, payload: bytes.subarray(14) };
  let type = eth.type;
  if (type === 0x8100) {
    const tag = view.getUint16(14);
    frame.vlan = { priority: tag >>> 13, id: tag & 0xfff };
    type = view.getUint16(16);
    frame.payload = bytes.subarray(18);
  }
  if (type === 0x0806) decodeArp(frame);
  if (type === 0x0800) decodeIp(frame);
  return frame;
}

function decodeArp(frame: DecodedFrame): void {
  const bytes = frame.payload;
  const operation = viewOf(bytes).getUint16(6);
  frame.arp = {
    operation: ['', 'request', 'reply'][operation] ?? String(operation),
    senderMac: macText(bytes.subarray(8, 14)),
    senderIp: ipText(bytes.subarray(14, 18)),
    targetMac: macText(bytes.subarray(18, 24)),
    targetIp: ipText(bytes.subarray(24, 28)),
  };
  frame.payload = bytes.subarray(28, 28);
}

function decodeIp(frame: DecodedFrame): void {
  const bytes = frame.payload;
  const view = viewOf(bytes);
  const headerLength = (bytes[0] & 15) * 4;
  const totalLength = view.getUint16(2);
  const fragment = view.getUint16(6);
  const [source, destination] = [bytes.subarray(12, 16), bytes.subarray(16, 20)];
  frame.ip = {
    source: ipText(source),
    destination: ipText(destination),
    protocol: bytes[9],
    tos: bytes[1],
    id: view.getUint16(4),
    ttl: bytes[8],
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: (fragment & 0x1fff) * 8,
    headerLength,
    totalLength,
    checksumOk: internetChecksum(bytes.subarray(0, headerLength)) === 0,
  };
  frame.payload = bytes.subarray(headerLength, totalLength);
  if (frame.ip.fragmentOffset > 0 || frame.ip.moreFragments) return;
  const pseudo = pseudoHeader(source, destination, bytes[9], frame.payload.length);
  if (bytes[9] === 6) decodeTcp(frame, pseudo);
  if (bytes[9] === 17) decodeUdp(frame, pseudo);
  if (bytes[9] === 1) decodeIcmp(frame);
}

function decodeTcp(frame: DecodedFrame, pseudo: Uint8Array): void {
  const bytes = frame.payload;
  const view = viewOf(bytes);
  const headerLength = (bytes[12] >>> 4) * 4;
  frame.tcp = {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: flagsText(view.getUint16(12) & 0x1ff),
    window: view.getUint16(14),
    urgent: view.getUint16(18),
    headerLength,
    options: decodeTcpOptions(bytes.subarray(20, headerLength)),
    checksumOk: internetChecksum(pseudo, bytes) === 0,
  };
  frame.payload = bytes.subarray(headerLength);
}

function decodeUdp(frame: DecodedFrame, pseudo: Uint8Array): void {
  const bytes = frame.payload;
  const view = viewOf(bytes);
  const checksum = view.getUint16(6);
  frame.udp = {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    length: view.getUint16(4),
    checksum,
    checksumOk: checksum === 0 || internetChecksum(pseudo, bytes) === 0,
  };
  frame.payload = bytes.subarray(8);
}

function decodeIcmp(frame: DecodedFrame): void {
  const bytes = frame.payload;
  frame.icmp = {
    type: bytes[0],
    code: bytes[1],
    rest: viewOf(bytes).getUint32(4),
    checksumOk: internetChecksum(bytes) === 0,
  };
  frame.payload = bytes.subarray(8);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
