import { REGISTER_SPACE } from './registers.ts';
import type { RegisterFile } from './register-file.ts';

const IOADDR = 0;
const IODATA = 4;

/** The way to all registers through eight bytes of I/O space: first the address, then the data. Manual 13.2.2. */
export class IoWindow {
  readonly #registers: RegisterFile;
  #address = 0;

  constructor(registers: RegisterFile) {
    this.#registers = registers;
  }

  read(offset: number): number {
    if (offset === IOADDR) return this.#address;
    return offset === IODATA && this.#inSpace ? this.#registers.read(this.#address & ~3) : 0;
  }

  write(offset: number, value: number): void {
    if (offset === IOADDR) this.#address = value;
    else if (offset === IODATA && this.#inSpace) this.#registers.write(this.#address & ~3, value);
  }

  get #inSpace(): boolean {
    return this.#address >>> 0 < REGISTER_SPACE;
  }
}
