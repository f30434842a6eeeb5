import type { IoMemory } from '@stack/pci';
import { STATUS } from '../registers.ts';

/** Bits of a flow control mode: PAUSE frames are obeyed, are sent. */
export const FC_NONE = 0;
export const FC_RX_PAUSE = 1;
export const FC_TX_PAUSE = 2;
export const FC_FULL = FC_RX_PAUSE | FC_TX_PAUSE;

/** Chips that work in the same thread are ready at once; no read would ever help one that is not. */
const POLLS = 100;

/** What the driver knows of its chip. @kernel drivers/net/ethernet/intel/e1000/e1000_hw.h struct e1000_hw */
export class E1000Hw {
  readonly io: IoMemory;
  /** In use, at the first place of the address filter. */
  readonly macAddr = new Uint8Array(6);
  /** Bytes of the largest frame, with its header and check sequence. */
  maxFrameSize = 0;
  /** What we offer, and what came of it. FC_*. */
  requestedFc = FC_NONE;
  fc = FC_NONE;
  /** Bytes in the receive buffer at which the sender is paused, and released. Multiples of 8. */
  fcHighWater = 0;
  fcLowWater = 0;
  /** The link changed, or may have: ask the PHY. */
  getLinkStatus = true;

  constructor(io: IoMemory) {
    this.io = io;
  }

  read(register: number): number {
    return this.io.read32(register);
  }

  write(register: number, value: number): void {
    this.io.write32(register, value);
  }

  set(register: number, bits: number): void {
    this.write(register, this.read(register) | bits);
  }

  clear(register: number, bits: number): void {
    this.write(register, this.read(register) & ~bits);
  }

  /**
   * Makes sure that writes have arrived before what comes next.
   *
   * @kernel drivers/net/ethernet/intel/e1000/e1000_osdep.h E1000_WRITE_FLUSH()
   */
  flush(): void {
    this.read(STATUS);
  }

  /** Reads until all of `bits` are in the state wanted. False when they are not after many reads. */
  poll(register: number, bits: number, set: boolean): boolean {
    for (let reads = 0; reads < POLLS; reads++) {
      if ((this.read(register) & bits) === (set ? bits : 0)) return true;
    }
    return false;
  }
}
