import type { Nanoseconds } from '@stack/clock';
import { machine } from '@stack/testing';
import { createCable, Frame, type CableOptions, type FrameReceiver } from '../src/index.ts';

/** Remembers what arrived. */
export class Recorder implements FrameReceiver {
  readonly arrivals: { at: Nanoseconds; bytes: number[]; corrupt: boolean }[] = [];
  readonly links: boolean[] = [];
  readonly now: () => Nanoseconds;

  constructor(now: () => Nanoseconds) {
    this.now = now;
  }

  receive(frame: Frame): void {
    const bytes = new Uint8Array(frame.length);
    frame.copyTo(bytes, 0);
    this.arrivals.push({ at: this.now(), bytes: [...bytes], corrupt: frame.corrupt });
  }

  linkChanged(up: boolean): void {
    this.links.push(up);
  }

  /** The first byte of each frame, by which tests number them. */
  get numbers(): number[] {
    return this.arrivals.map(({ bytes }) => bytes[0]);
  }
}

/** A cable with a recorder at each end, on a machine with `size` bytes of memory. */
export function wired(options: CableOptions = {}, size?: number) {
  const { clock, random, arena } = machine({ seed: 7, size, timers: true });
  const cable = createCable({ clock, random, arena, ...options });
  const a = new Recorder(() => clock.now());
  const b = new Recorder(() => clock.now());
  cable.a.plug(a);
  cable.b.plug(b);
  clock.drain();
  return { clock, random, arena, cable, a, b };
}

/** A frame of `length` bytes in two pieces, its first byte `number`, outside of any arena. */
export function frameOf(number: number, length = 100): Frame {
  const frame = new Frame(new Uint8Array(length + 10).fill(0x55));
  frame.memory[3] = number;
  frame.add(3, 14);
  frame.add(20, length - 14);
  return frame;
}
