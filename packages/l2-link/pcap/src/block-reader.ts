import { malformed } from './malformed.ts';
import { fromUtf8 } from './text.ts';

/** One block of a pcapng file, and how to read it. */
export class BlockReader {
  readonly file: Uint8Array;
  readonly view: DataView;
  /** Of the section in which the block lies. */
  littleEndian = true;
  /** Beginning of the block, and of what follows its trailer. */
  start = 0;
  end = 0;

  constructor(file: Uint8Array, view: DataView) {
    this.file = file;
    this.view = view;
  }

  /** Numbers at a distance from the beginning of the block. */
  u16(at: number): number {
    return this.view.getUint16(this.start + at, this.littleEndian);
  }

  u32(at: number): number {
    return this.view.getUint32(this.start + at, this.littleEndian);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(this.start + at, this.littleEndian);
  }

  bytes(at: number, length: number): Uint8Array {
    const from = this.start + at;
    if (from + length > this.end - 4) malformed(`the block at byte ${this.start} is shorter than its frame`);
    return this.file.subarray(from, from + length);
  }

  text(at: number, length: number): string {
    return fromUtf8(this.bytes(at, length));
  }

  /** Calls back for each option from `at` on, with where its value lies. */
  options(at: number, visit: (code: number, at: number, length: number) => void): void {
    const limit = this.end - 4 - this.start;
    for (let option = at; option + 4 <= limit;) {
      const code = this.u16(option);
      const length = this.u16(option + 2);
      if (code === 0) return;
      if (option + 4 + length > limit) malformed(`an option of the block at byte ${this.start} leaves it`);
      visit(code, option + 4, length);
      option += 4 + padded(length);
    }
  }
}

/** Up to a multiple of four. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}
