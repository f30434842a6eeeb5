import { BlockReader, padded } from './block-reader.ts';
import * as format from './format.ts';
import { malformed } from './malformed.ts';
import { CaptureBuilder, type CaptureFile, type RecordedInterface } from './packet-record.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Interface extends Mutable<RecordedInterface> {
  /** Units of the time stamps in a second, and what is added to them. */
  unitsPerSecond: bigint;
  offsetSeconds: bigint;
}

/** Numbers of interfaces begin anew in each section; in the result they are counted through. */
export function readPcapng(file: Uint8Array, view: DataView): CaptureFile {
  const block = new BlockReader(file, view);
  const capture = new CaptureBuilder();
  const interfaces: Interface[] = [];
  let sectionBegin = 0;
  for (let at = 0; at < file.length; at = block.end) {
    openBlock(block, at);
    const type = block.u32(0);
    if (type === format.SECTION_HEADER) sectionBegin = interfaces.length;
    else if (type === format.INTERFACE_DESCRIPTION) interfaces.push(readInterface(block));
    else if (type === format.ENHANCED_PACKET) readEnhanced(block, capture, interfaces, sectionBegin);
    else if (type === format.INTERFACE_STATISTICS) readStatistics(block, interfaces[sectionBegin + block.u32(8)]);
    else if (type === format.SIMPLE_PACKET) readSimple(block, capture, sectionBegin);
  }
  capture.interfaces.push(
    ...interfaces.map(({ name, linkType, speed, statistics }) => ({ name, linkType, speed, statistics })),
  );
  return capture;
}

function openBlock(block: BlockReader, at: number): void {
  const left = block.file.length - at;
  if (left < 12) malformed(`it ends within the block at byte ${at}`);
  block.start = at;
  block.littleEndian =
    block.view.getUint32(at) === format.SECTION_HEADER ? sectionOrder(block, at) : block.littleEndian;
  const length = block.u32(4);
  if (length < 12 || length % 4 !== 0 || length > left) malformed(`the block at byte ${at} has ${length} bytes`);
  block.end = at + length;
  if (block.u32(length - 4) !== length) malformed(`the block at byte ${at} ends with another length`);
}

function sectionOrder(block: BlockReader, at: number): boolean {
  if (block.view.getUint32(at + 8, true) === format.BYTE_ORDER_MAGIC) return true;
  if (block.view.getUint32(at + 8, false) === format.BYTE_ORDER_MAGIC) return false;
  return malformed(`the section at byte ${at} has no byte order`);
}

function readInterface(block: BlockReader): Interface {
  const description: Interface = {
    name: '',
    linkType: block.u16(8),
    speed: 0,
    statistics: null,
    unitsPerSecond: 1_000_000n,
    offsetSeconds: 0n,
  };
  block.options(16, (code, at, length) => {
    if (code === format.IF_NAME) description.name = block.text(at, length);
    else if (code === format.IF_SPEED) description.speed = Number(block.u64(at));
    else if (code === format.IF_TSRESOL) description.unitsPerSecond = resolution(block.bytes(at, 1)[0]);
    else if (code === format.IF_TSOFFSET) description.offsetSeconds = BigInt.asIntN(64, block.u64(at));
  });
  return description;
}

function readStatistics(block: BlockReader, described: Interface | undefined): void {
  if (described === undefined) return;
  const statistics = { received: 0, dropped: 0 };
  block.options(20, (code, at) => {
    if (code === format.ISB_IFRECV) statistics.received = Number(block.u64(at));
    else if (code === format.ISB_IFDROP) statistics.dropped = Number(block.u64(at));
  });
  described.statistics = statistics;
}

/** A negative power of 10, or of 2 when the highest bit is set. */
function resolution(value: number): bigint {
  return (value & 0x80 ? 2n : 10n) ** BigInt(value & 0x7f);
}

function readEnhanced(
  block: BlockReader,
  capture: CaptureBuilder,
  interfaces: Interface[],
  sectionBegin: number,
): void {
  const interfaceId = sectionBegin + block.u32(8);
  const described = interfaces[interfaceId];
  if (described === undefined) malformed(`the block at byte ${block.start} is of an interface that is not described`);
  const units = (BigInt(block.u32(12)) << 32n) | BigInt(block.u32(16));
  const captured = block.u32(20);
  let flags = 0;
  let comment = '';
  block.options(28 + padded(captured), (code, at, length) => {
    if (code === format.EPB_FLAGS) flags = block.u32(at);
    else if (code === format.OPT_COMMENT) comment = block.text(at, length);
  });
  const at = described.offsetSeconds * 1_000_000_000n + (units * 1_000_000_000n) / described.unitsPerSecond;
  const bytes = block.bytes(28, captured);
  capture.add(at, { bytes, originalLength: block.u32(24), interfaceId, flags, comment });
}

/** Has no time of its own: it gets that of the first frame. */
function readSimple(block: BlockReader, capture: CaptureBuilder, interfaceId: number): void {
  const originalLength = block.u32(8);
  const bytes = block.bytes(12, Math.min(originalLength, block.end - block.start - 16));
  capture.add(capture.start, { bytes, originalLength, interfaceId, flags: 0, comment: '' });
}
