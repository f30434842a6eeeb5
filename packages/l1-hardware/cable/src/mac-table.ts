import { SEC, type Nanoseconds } from '@stack/clock';
import type { Frame } from './frame.ts';

const SLOTS = 4096;
/** How far from its place an address is looked for. */
const PROBES = 8;
const MAX_AGE: Nanoseconds = 300 * SEC;

/** Behind which port each address was seen last. A fixed table: when it is crowded, the oldest entry makes room. */
export class MacTable {
  #high = new Int32Array(SLOTS);
  #low = new Int32Array(SLOTS);
  #port = new Int16Array(SLOTS).fill(-1);
  #seen = new Float64Array(SLOTS);

  /** Notes the source address of a frame. */
  learn(frame: Frame, port: number, now: Nanoseconds): void {
    const high = half(frame, 6);
    const low = half(frame, 9);
    let slot = place(high, low);
    for (let probe = 0, at = slot; probe < PROBES; probe++, at = (at + 1) & (SLOTS - 1)) {
      if (this.#high[at] === high && this.#low[at] === low && this.#port[at] >= 0) {
        slot = at;
        break;
      }
      if (this.#seen[at] < this.#seen[slot]) slot = at;
    }
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#port[slot] = port;
    this.#seen[slot] = now;
  }

  /** The port for the destination of a frame; -1 when it is not known, or too long ago. */
  find(frame: Frame, now: Nanoseconds): number {
    const high = half(frame, 0);
    const low = half(frame, 3);
    for (let probe = 0, at = place(high, low); probe < PROBES; probe++, at = (at + 1) & (SLOTS - 1)) {
      if (this.#high[at] !== high || this.#low[at] !== low || this.#port[at] < 0) continue;
      return now - this.#seen[at] <= MAX_AGE ? this.#port[at] : -1;
    }
    return -1;
  }

  /** Forgets what was learnt at a port: its cable was pulled. */
  forget(port: number): void {
    for (let slot = 0; slot < SLOTS; slot++) if (this.#port[slot] === port) this.#port[slot] = -1;
  }
}

/** Three bytes of an address. */
function half(frame: Frame, at: number): number {
  return (frame.byteAt(at) << 16) | (frame.byteAt(at + 1) << 8) | frame.byteAt(at + 2);
}

function place(high: number, low: number): number {
  return (Math.imul(high ^ Math.imul(low, 0x9e3779b1), 0x85ebca6b) >>> 20) & (SLOTS - 1);
}
