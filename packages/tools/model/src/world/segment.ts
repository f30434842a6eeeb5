/** Words of a TCP header in plain bytes, as they pass between the hosts. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

export const headerLength = (bytes: Uint8Array): number => (bytes[12] >>> 4) * 4;

/** How far a segment reaches in sequence space. */
export function segmentEnd(bytes: Uint8Array): number {
  const flags = bytes[13];
  const control = ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
  return (viewOf(bytes).getInt32(4) + bytes.length - headerLength(bytes) + control) | 0;
}

/** What to make a segment of; the window is the raw field. */
export interface SegmentParts {
  sport: number;
  dport: number;
  seq: number;
  ack: number;
  flags: number;
  window: number;
  urgent: number;
  /** Any bytes; filled up with zeros to whole words, 40 at most. */
  options: readonly number[];
  payload: Uint8Array;
}

export function makeSegment(parts: SegmentParts): Uint8Array {
  const header = 20 + Math.ceil(parts.options.length / 4) * 4;
  const bytes = new Uint8Array(header + parts.payload.length);
  const view = viewOf(bytes);
  view.setUint16(0, parts.sport);
  view.setUint16(2, parts.dport);
  view.setInt32(4, parts.seq);
  view.setInt32(8, parts.ack);
  bytes[12] = (header / 4) << 4;
  bytes[13] = parts.flags;
  view.setUint16(14, parts.window);
  view.setUint16(18, parts.urgent);
  bytes.set(parts.options, 20);
  bytes.set(parts.payload, header);
  return bytes;
}

/** What a device with segmentation offload puts on the wire. */
export function cutSegments(bytes: Uint8Array, size: number, cwrInAll: boolean): Uint8Array[] {
  const header = headerLength(bytes);
  if (size === 0 || bytes.length - header <= size) return [bytes];
  const parts: Uint8Array[] = [];
  const seq = viewOf(bytes).getInt32(4);
  for (let at = header; at < bytes.length; at += size) {
    const end = Math.min(at + size, bytes.length);
    const part = new Uint8Array(header + end - at);
    part.set(bytes.subarray(0, header));
    part.set(bytes.subarray(at, end), header);
    viewOf(part).setInt32(4, seq + at - header);
    if (end < bytes.length) part[13] &= ~(FIN | PSH);
    if (at > header && !cwrInAll) part[13] &= ~CWR;
    parts.push(part);
  }
  return parts;
}
