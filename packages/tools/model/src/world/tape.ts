import type { VirtualClock } from '@stack/clock';
import { PcapWriter } from '@stack/pcap';
import { viewOf } from './segment.ts';

/** Packets without a link layer. @kernel net/core/dev.c ARPHRD_NONE */
const LINKTYPE_RAW = 101;
const HEADER = 20;

/** What passed between the hosts, as a capture. */
export class Tape {
  readonly #writer = new PcapWriter();
  readonly #clock: VirtualClock;
  #interface = this.#writer.addInterface({ name: 'between', linkType: LINKTYPE_RAW });

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Notes a segment, and what became of it. */
  note(bytes: Uint8Array, from: number, to: number, ecn: number, comment: string): void {
    const packet = new Uint8Array(HEADER + bytes.length);
    const view = viewOf(packet);
    packet[0] = 0x45;
    packet[1] = ecn;
    view.setUint16(2, packet.length);
    packet[8] = 64;
    packet[9] = 6;
    view.setInt32(12, from);
    view.setInt32(16, to);
    view.setUint16(10, onesComplement(packet.subarray(0, HEADER), 0));
    packet.set(bytes, HEADER);
    view.setUint16(HEADER + 16, 0);
    view.setUint16(HEADER + 16, onesComplement(packet.subarray(12), 6 + bytes.length));
    this.#writer.packet({ interfaceId: this.#interface, at: this.#clock.now(), comment: comment || undefined }, packet);
  }

  bytes(): Uint8Array {
    return this.#writer.bytes();
  }
}

/** The Internet checksum of the bytes and a start. @rfc 1071 */
function onesComplement(bytes: Uint8Array, start: number): number {
  let sum = start;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
