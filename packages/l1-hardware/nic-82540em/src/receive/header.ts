import type { Frame } from '@stack/cable';
import { BROADCAST, MULTICAST, UNICAST, type AddressKind } from '../statistics.ts';

/** Enough for addresses, a VLAN tag, and what a PAUSE frame says. */
const BYTES = 22;

/** The first bytes of a frame, in one piece wherever they lie. */
export class FrameHeader {
  bytes: Uint8Array = new Uint8Array(BYTES);
  at = 0;
  readonly #copy = this.bytes;

  look(frame: Frame): void {
    if (frame.lengths[0] >= BYTES) {
      this.bytes = frame.memory;
      this.at = frame.addresses[0];
      return;
    }
    this.bytes = this.#copy;
    this.at = 0;
    for (let i = 0; i < BYTES; i++) this.#copy[i] = i < frame.length ? frame.byteAt(i) : 0;
  }

  /** At byte `offset`, in network order. */
  u16(offset: number): number {
    return (this.bytes[this.at + offset] << 8) | this.bytes[this.at + offset + 1];
  }

  /** To whom the frame is. */
  get kind(): AddressKind {
    if ((this.bytes[this.at] & 1) === 0) return UNICAST;
    return (this.u16(0) & this.u16(2) & this.u16(4)) === 0xffff ? BROADCAST : MULTICAST;
  }
}
