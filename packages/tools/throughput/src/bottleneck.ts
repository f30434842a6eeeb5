/** The network of one measurement: two hosts, and the wire between them. */
export interface Bottleneck {
  /** Of the frames with data; acknowledgments are not lost. */
  readonly loss: number;
  /** One way, in milliseconds: the round trip takes twice that. */
  readonly delay: number;
  /** Mbit/s. */
  readonly rate: number;
  /** What may wait before the wire, in products of rate and round trip. */
  readonly buffer: number;
}

/** A full frame on the wire, with preamble, FCS and gap, and the payload in it: IP, TCP and its time stamps take 52 bytes. */
export const FRAME = 1538;
export const PAYLOAD = 1448;

/** Of a frame as the cable's queue counts it. */
const QUEUED_FRAME = 1514;
/** What a sender puts out at once: no queue is shorter, or not even a lone sender fits. */
const LEAST_FRAMES = 4;

const MEGABIT = 1e6;
const MS_PER_SECOND = 1e3;

/** Bandwidth-delay product, in bytes on the wire. */
export function productOf({ rate, delay }: Bottleneck): number {
  return (rate * MEGABIT * 2 * delay) / MS_PER_SECOND / 8;
}

/** The queue in bytes, in whole frames. */
export function queueBytes(bottleneck: Bottleneck): number {
  const frames = Math.round((bottleneck.buffer * productOf(bottleneck)) / FRAME);
  return Math.max(LEAST_FRAMES, frames) * QUEUED_FRAME;
}

/** Most payload a second that the wire can carry, in bytes. */
export function capacityOf({ rate }: Bottleneck): number {
  return ((rate * MEGABIT) / 8) * (PAYLOAD / FRAME);
}

/** Frames that are under way when pipe and queue are full. */
export function fullPipe(bottleneck: Bottleneck): number {
  return productOf(bottleneck) / FRAME + queueBytes(bottleneck) / QUEUED_FRAME;
}
