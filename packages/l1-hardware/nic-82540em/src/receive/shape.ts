import { Frame } from '@stack/cable';
import { CTRL_VME, RCTL_SECRC } from '../bits.ts';
import type { Core } from '../core.ts';
import { frameCheckSequence } from '../crc32.ts';
import { CTRL, RCTL, VET } from '../registers.ts';
import type { FrameHeader } from './header.ts';

const MINIMUM = 60;
const LARGEST = 16_384 + 64;
const ADDRESSES = 12;
const TAG = 4;
const FCS = 4;

/** Makes of a frame what the host shall find in memory, in a buffer of the chip, if that is not the frame as it is. */
export class Shaper {
  /** The VLAN tag that was taken out; -1 when there was none. */
  tag = -1;
  readonly #core: Core;
  readonly #buffer = new Uint8Array(LARGEST);
  readonly #view = new DataView(this.#buffer.buffer);
  readonly #frame = new Frame(this.#buffer, 1);

  constructor(core: Core) {
    this.#core = core;
  }

  /** Frames from wires that are no Ethernet may be too short: no cable carries those, so they are padded. */
  shape(frame: Frame, header: FrameHeader): Frame {
    const { regs } = this.#core;
    const strip = (regs[CTRL >>> 2] & CTRL_VME) !== 0 && header.u16(ADDRESSES) === (regs[VET >>> 2] & 0xffff);
    const keepFcs = (regs[RCTL >>> 2] & RCTL_SECRC) === 0;
    this.tag = strip ? header.u16(ADDRESSES + 2) : -1;
    if (!strip && !keepFcs && frame.length >= MINIMUM) return frame;
    return this.#reshape(frame, strip, keepFcs);
  }

  #reshape(frame: Frame, strip: boolean, keepFcs: boolean): Frame {
    const buffer = this.#buffer;
    const fcs = keepFcs ? frameCheckSequence(frame, frame.length) ^ (frame.corrupt ? 1 : 0) : 0;
    frame.copyTo(buffer, 0);
    let { length } = frame;
    if (strip) {
      buffer.copyWithin(ADDRESSES, ADDRESSES + TAG, length);
      length -= TAG;
    }
    if (length < MINIMUM) {
      buffer.fill(0, length, MINIMUM);
      length = MINIMUM;
    }
    if (keepFcs) this.#view.setInt32(length, fcs, true);
    this.#frame.clear();
    this.#frame.corrupt = frame.corrupt;
    this.#frame.add(0, keepFcs ? length + FCS : length);
    return this.#frame;
  }
}
