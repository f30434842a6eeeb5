import { malformed } from './malformed.ts';
import { CaptureBuilder, type CaptureFile } from './packet-record.ts';

const FILE_HEADER = 24;
const PACKET_HEADER = 16;

/** A classic file; `unit` nanoseconds are one unit of the fraction of a second. */
export function readPcap(file: Uint8Array, view: DataView, littleEndian: boolean, unit: bigint): CaptureFile {
  const capture = new CaptureBuilder();
  const u32 = (at: number): number => view.getUint32(at, littleEndian);
  capture.interfaces.push({ name: '', linkType: u32(20) & 0x0fffffff, speed: 0, statistics: null });
  for (let at = FILE_HEADER; at < file.length;) {
    if (at + PACKET_HEADER > file.length) malformed(`it ends within the header at byte ${at}`);
    const captured = u32(at + 8);
    const data = at + PACKET_HEADER;
    if (data + captured > file.length) malformed(`it ends within the frame at byte ${at}`);
    capture.add(BigInt(u32(at)) * 1_000_000_000n + BigInt(u32(at + 4)) * unit, {
      bytes: file.subarray(data, data + captured),
      originalLength: u32(at + 12),
      interfaceId: 0,
      flags: 0,
      comment: '',
    });
    at = data + captured;
  }
  return capture;
}
