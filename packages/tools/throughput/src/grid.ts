import { fullPipe, type Bottleneck } from './bottleneck.ts';
import { measure, type Measured, type MeasureOptions } from './measure.ts';

export const LOSSES = [0, 0.001, 0.01, 0.03] as const;
export const DELAYS = [1, 10, 50] as const;
export const RATES = [10, 100, 1000] as const;
export const BUFFERS = [0.5, 1, 4] as const;

/** Every cell of the grid. */
export function grid(): Bottleneck[] {
  return LOSSES.flatMap((loss) =>
    RATES.flatMap((rate) => DELAYS.flatMap((delay) => BUFFERS.map((buffer) => ({ loss, rate, delay, buffer })))),
  );
}

const CUBIC_BETA = 0.7;
const CUBIC_C = 0.4;

/** Seconds in which CUBIC comes back to the window at which it last lost something. @rfc 9438 4.2 */
export function cubicPeriod(bottleneck: Bottleneck): number {
  return Math.cbrt((fullPipe(bottleneck) * (1 - CUBIC_BETA)) / CUBIC_C);
}

const SHORTEST = 10;
/** Of frames in the window that is measured: more of them change nothing but the time it takes. */
const ENOUGH_FRAMES = 1_000_000;
const FRAME_BITS = 1538 * 8;

/**
 * Slow start and the way to the first loss do not count. Then a period of CUBIC, or ten seconds, is measured, or as long as
 * a million frames take.
 */
export function timesFor(bottleneck: Bottleneck): Pick<MeasureOptions, 'warmUp' | 'window'> {
  const period = cubicPeriod(bottleneck);
  const enough = (ENOUGH_FRAMES * FRAME_BITS) / (bottleneck.rate * 1e6);
  const lossy = bottleneck.loss > 0;
  // Random losses come before the queue is full: there the window never grows far.
  const warmUp = lossy ? SHORTEST : Math.ceil(Math.max(SHORTEST, 1.5 * period));
  const window = lossy ? 3 * SHORTEST : Math.max(SHORTEST, Math.min(3 * period, enough));
  return { warmUp, window: Math.round(window) };
}

export interface Cell extends Measured {
  readonly bottleneck: Bottleneck;
  readonly warmUp: number;
  readonly window: number;
}

export function measureCell(bottleneck: Bottleneck, seed: number): Cell {
  const times = timesFor(bottleneck);
  return { bottleneck, ...times, ...measure(bottleneck, { seed, ...times }) };
}

/** Flows that share a bottleneck. */
export interface Sharing extends Measured {
  readonly flows: number;
  readonly bottleneck: Bottleneck;
  readonly warmUp: number;
  readonly window: number;
}

/** Pairs and eights, behind queues of one and of four products. */
export const SHARED: readonly { flows: number; bottleneck: Bottleneck }[] = [2, 8].flatMap((flows) =>
  [10, 50].flatMap((delay) => [1, 4].map((buffer) => ({ flows, bottleneck: { loss: 0, rate: 100, delay, buffer } }))),
);

/** Until flows that begin one after another have found their shares, and for how long they are looked at. */
const CONVERGENCE = 120;
const LOOK = 120;

export function measureSharing(flows: number, bottleneck: Bottleneck, seed: number): Sharing {
  const times = { warmUp: CONVERGENCE, window: LOOK };
  return { flows, bottleneck, ...times, ...measure(bottleneck, { seed, flows, stagger: 1, ...times }) };
}
