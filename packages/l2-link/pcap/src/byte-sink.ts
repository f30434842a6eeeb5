import { toUtf8 } from './text.ts';

/** Bytes appended one after the other, little-endian, in a buffer that grows by doubling. */
export class ByteSink {
  length = 0;
  #bytes = new Uint8Array(65_536);
  #view = new DataView(this.#bytes.buffer);

  u8(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }

  /** Up to 2^53. */
  u64(value: number): void {
    this.u32(value % 0x1_0000_0000);
    this.u32(Math.floor(value / 0x1_0000_0000));
  }

  /** As pcapng has time stamps: the high half first. */
  timestamp(value: number): void {
    this.u32(Math.floor(value / 0x1_0000_0000));
    this.u32(value % 0x1_0000_0000);
  }

  bytes(from: Uint8Array, start: number, length: number): void {
    const at = this.#room(length);
    this.#bytes.set(from.subarray(start, start + length), at);
  }

  /** In UTF-8; returns how many bytes that took. */
  text(text: string): number {
    const encoded = toUtf8(text);
    this.bytes(encoded, 0, encoded.length);
    return encoded.length;
  }

  /** Zeros up to the next multiple of four. */
  pad(): void {
    while (this.length & 3) this.u8(0);
  }

  /** Overwrites what was written at `at`. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  patchU16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  /** A copy of everything. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  /** Makes room and returns where it begins. Buffer and view may be others afterwards. */
  #room(bytes: number): number {
    const at = this.length;
    this.length += bytes;
    if (this.length > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const grown = new Uint8Array(2 ** Math.ceil(Math.log2(this.length)));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
