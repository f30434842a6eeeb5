import type { Nanoseconds } from '@stack/clock';

/** A frame read from a capture file. */
export interface PacketRecord {
  /** Since the first frame of the file; negative where a file is out of order. */
  readonly at: Nanoseconds;
  /** What was captured, a view into the file. */
  readonly bytes: Uint8Array;
  /** How long the frame was on the wire. */
  readonly originalLength: number;
  readonly interfaceId: number;
  /** INBOUND, OUTBOUND, CRC_ERROR; 0 when not known. */
  readonly flags: number;
  readonly comment: string;
}

/** An interface described in a capture file. Classic files have one, without a name. */
export interface RecordedInterface {
  readonly name: string;
  readonly linkType: number;
  /** Bits per second; 0 when not known. */
  readonly speed: number;
  /** Frames it saw, and those of them that are missing in the file; null where the file does not say. */
  readonly statistics: { readonly received: number; readonly dropped: number } | null;
}

/** A whole capture file. */
export interface CaptureFile {
  readonly interfaces: readonly RecordedInterface[];
  readonly packets: readonly PacketRecord[];
  /** Nanoseconds since 1970 of the first frame; too large for a number. */
  readonly start: bigint;
}

/** What the readers of both formats gather. */
export class CaptureBuilder implements CaptureFile {
  readonly interfaces: RecordedInterface[] = [];
  readonly packets: PacketRecord[] = [];
  start = 0n;

  /** Adds a frame with its time since 1970. */
  add(at: bigint, packet: Omit<PacketRecord, 'at'>): void {
    if (this.packets.length === 0) this.start = at;
    this.packets.push({ ...packet, at: Number(at - this.start) });
  }
}
