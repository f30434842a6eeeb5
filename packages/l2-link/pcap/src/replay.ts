import { Frame, type CablePort, type FrameReceiver } from '@stack/cable';
import { Timer, type Clock } from '@stack/clock';
import { StackError, type Undo } from '@stack/plugin';
import { LINKTYPE_ETHERNET } from './format.ts';
import type { CaptureFile, PacketRecord } from './packet-record.ts';

export interface ReplayOptions {
  clock: Clock;
  /** Which of the frames; all unless given. */
  filter?: (packet: PacketRecord) => boolean;
  /** 2 is twice as fast as it was; Infinity sends everything at once. 1 unless given. */
  speed?: number;
  /** Sees what the other end sends meanwhile. */
  receive?: (frame: Frame) => void;
}

/** A replay that runs. */
export interface Replay {
  /** Frames sent so far, and those left out because the file has only a part of them. */
  readonly sent: number;
  readonly truncated: number;
  /** All frames have been sent. */
  readonly done: boolean;
  /** Unplugs. */
  stop: Undo;
}

/**
 * Plugs into a port and sends the frames of a capture file at the intervals in which they were captured, from now on.
 * Throws `ERR_STACK_PCAP_LINKTYPE` for a file without Ethernet headers.
 */
export function replay(file: CaptureFile, port: CablePort, options: ReplayOptions): Replay {
  const foreign = file.interfaces.find(({ linkType }) => linkType !== LINKTYPE_ETHERNET);
  if (foreign !== undefined) {
    const problem = `interface ${JSON.stringify(foreign.name)} has link type ${foreign.linkType}, which is not Ethernet`;
    throw new StackError('ERR_STACK_PCAP_LINKTYPE', problem, 'capture on an Ethernet device');
  }
  return new Replayer(file.packets.filter(options.filter ?? (() => true)), port, options);
}

/** Holds frames back while the wire is busy, as a chip does. */
class Replayer implements Replay, FrameReceiver {
  sent = 0;
  truncated = 0;
  readonly stop: Undo;
  readonly #packets: readonly PacketRecord[];
  readonly #port: CablePort;
  readonly #speed: number;
  readonly #start: number;
  readonly #receive: (frame: Frame) => void;
  readonly #timer: Timer;
  #next = 0;

  constructor(packets: readonly PacketRecord[], port: CablePort, { clock, speed = 1, receive }: ReplayOptions) {
    this.#packets = packets;
    this.#port = port;
    this.#speed = speed;
    this.#receive = receive ?? (() => {});
    this.#start = clock.now();
    this.#timer = new Timer(clock, { run: () => this.#send() });
    const unplug = port.plug(this);
    this.stop = () => {
      this.#timer.cancel();
      unplug();
    };
    this.#arm();
  }

  get done(): boolean {
    return this.#next === this.#packets.length;
  }

  receive(frame: Frame): void {
    this.#receive(frame);
  }

  linkChanged(): void {}

  #arm(): void {
    if (this.done) return;
    const due = this.#start + Math.round((this.#packets[this.#next].at - this.#packets[0].at) / this.#speed);
    this.#timer.set(Math.max(due, this.#port.nextFree));
  }

  #send(): void {
    const { bytes, originalLength } = this.#packets[this.#next++];
    if (bytes.length < originalLength) this.truncated++;
    else {
      const frame = new Frame(bytes, 1);
      frame.add(0, bytes.length);
      this.#port.send(frame);
      this.sent++;
    }
    this.#arm();
  }
}
