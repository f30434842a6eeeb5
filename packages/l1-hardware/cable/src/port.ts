import type { Nanoseconds } from '@stack/clock';
import type { Undo } from '@stack/plugin';
import type { Frame } from './frame.ts';

/** What a chip (or a switch, or a driver for a foreign wire) is to a cable. Called as a task of the clock, never from inside the sender's call chain of another host's stack. */
export interface FrameReceiver {
  /** The frame is only lent. */
  receive(frame: Frame): void;
  linkChanged(up: boolean): void;
}

/** One end of a cable, as the chip that is plugged in sees it. */
export interface CablePort {
  readonly name: string;
  /** Bits per second on the link; 0 is as fast as memory. A chip paces itself by {@link nextFree}. */
  readonly rate: number;
  readonly up: boolean;
  /** When the wire can take the next frame; not later than now if it is idle. */
  readonly nextFree: Nanoseconds;
  /** Plugs in. A second one throws `ERR_STACK_PORT_TAKEN`. */
  plug(receiver: FrameReceiver): Undo;
  /** Puts a frame on the wire. The frame is only lent. */
  send(frame: Frame): void;
}
