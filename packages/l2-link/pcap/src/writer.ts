import type { Nanoseconds } from '@stack/clock';
import { ByteSink } from './byte-sink.ts';
import * as format from './format.ts';

export interface PcapWriterOptions {
  /** Called with each part of the file as it is finished, in order; without it, {@link PcapWriter.bytes} has everything. */
  onChunk?: (chunk: Uint8Array) => void;
  /** At most this many bytes of each frame; 262,144 unless given. */
  snapLength?: number;
  /** Seconds since 1970 at the clock's zero; 0 unless given. */
  epoch?: number;
}

export interface CaptureInterface {
  name: string;
  /** LINKTYPE_*; Ethernet unless given. */
  linkType?: number;
  /** Bits per second; 0 when it has none. */
  speed?: number;
}

/** What is known of a frame besides its bytes. */
export interface PacketFacts {
  /** The number that {@link PcapWriter.addInterface} gave. */
  interfaceId: number;
  at: Nanoseconds;
  /** INBOUND or OUTBOUND, with CRC_ERROR; 0 when not known. */
  flags?: number;
  /** For the reader's eyes. */
  comment?: string;
  /** Frames that were lost between the one before and this one. */
  dropCount?: number;
}

const CHUNK = 65_536;
const NANOSECONDS = 9;
const UNKNOWN_LENGTH = 0xffffffff;

/** Writes a pcapng file, in memory or in chunks. */
export class PcapWriter {
  readonly snapLength: number;
  readonly #onChunk: ((chunk: Uint8Array) => void) | null;
  readonly #epoch: number;
  readonly #sink = new ByteSink();
  #interfaces = 0;

  constructor({ onChunk, snapLength = 262_144, epoch = 0 }: PcapWriterOptions = {}) {
    this.#onChunk = onChunk ?? null;
    this.snapLength = snapLength;
    this.#epoch = epoch;
    this.#sectionHeader();
  }

  /** Returns the number by which packets name it. */
  addInterface({ name, linkType = format.LINKTYPE_ETHERNET, speed = 0 }: CaptureInterface): number {
    const sink = this.#sink;
    const start = this.#begin(format.INTERFACE_DESCRIPTION);
    sink.u16(linkType);
    sink.u16(0);
    sink.u32(this.snapLength);
    this.#textOption(format.IF_NAME, name);
    if (speed > 0) this.#numberOption(format.IF_SPEED, speed);
    this.#option(format.IF_TSRESOL, 1);
    sink.u8(NANOSECONDS);
    sink.pad();
    if (this.#epoch !== 0) this.#numberOption(format.IF_TSOFFSET, this.#epoch);
    this.#end(start);
    return this.#interfaces++;
  }

  /** One frame: `length` bytes of `from`, from index `start` on. */
  packet(facts: PacketFacts, from: Uint8Array, start = 0, length = from.length - start): void {
    const sink = this.#sink;
    const block = this.#begin(format.ENHANCED_PACKET);
    const captured = Math.min(length, this.snapLength);
    sink.u32(facts.interfaceId);
    sink.timestamp(facts.at);
    sink.u32(captured);
    sink.u32(length);
    sink.bytes(from, start, captured);
    sink.pad();
    if (facts.flags) {
      this.#option(format.EPB_FLAGS, 4);
      sink.u32(facts.flags);
    }
    if (facts.dropCount) this.#numberOption(format.EPB_DROPCOUNT, facts.dropCount);
    if (facts.comment) this.#textOption(format.OPT_COMMENT, facts.comment);
    this.#end(block);
  }

  /** How many frames an interface saw, and how many of them are not in the file. Usually the last thing written. */
  statistics(interfaceId: number, at: Nanoseconds, received: number, dropped: number): void {
    const sink = this.#sink;
    const start = this.#begin(format.INTERFACE_STATISTICS);
    sink.u32(interfaceId);
    sink.timestamp(at);
    this.#option(format.ISB_ENDTIME, 8);
    sink.timestamp(at);
    this.#numberOption(format.ISB_IFRECV, received);
    this.#numberOption(format.ISB_IFDROP, dropped);
    this.#end(start);
  }

  /** What was written and not handed on in chunks. */
  bytes(): Uint8Array {
    return this.#sink.copy();
  }

  /** Hands on what is left to `onChunk`. */
  flush(): void {
    if (this.#onChunk === null || this.#sink.length === 0) return;
    const chunk = this.#sink.copy();
    this.#sink.clear();
    this.#onChunk(chunk);
  }

  #sectionHeader(): void {
    const sink = this.#sink;
    const start = this.#begin(format.SECTION_HEADER);
    sink.u32(format.BYTE_ORDER_MAGIC);
    sink.u16(1);
    sink.u16(0);
    sink.u32(UNKNOWN_LENGTH);
    sink.u32(UNKNOWN_LENGTH);
    this.#textOption(format.SHB_USERAPPL, '@stack/pcap');
    this.#end(start);
  }

  #begin(type: number): number {
    const start = this.#sink.length;
    this.#sink.u32(type);
    this.#sink.u32(0);
    return start;
  }

  /** The length of a block stands at both of its ends. */
  #end(start: number): void {
    const sink = this.#sink;
    this.#option(format.OPT_END, 0);
    const length = sink.length + 4 - start;
    sink.u32(length);
    sink.patchU32(start + 4, length);
    if (sink.length >= CHUNK) this.flush();
  }

  #option(code: number, length: number): void {
    this.#sink.u16(code);
    this.#sink.u16(length);
  }

  #numberOption(code: number, value: number): void {
    this.#option(code, 8);
    this.#sink.u64(value);
  }

  #textOption(code: number, text: string): void {
    const sink = this.#sink;
    this.#option(code, 0);
    const lengthAt = sink.length - 2;
    sink.patchU16(lengthAt, sink.text(text));
    sink.pad();
  }
}
