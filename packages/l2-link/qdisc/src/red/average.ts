import { badOption } from '../base/options.ts';

/** What decides about marks. Lengths are in bytes. */
export interface RedParams {
  readonly min: number;
  readonly max: number;
  /** Of the average, at most that share is marked between min and max. */
  readonly probability: number;
  /** How much a new length counts in the average: 2^-wlog. */
  readonly wlog: number;
  /** How long a packet of the average size takes, ns: the pace at which the average falls while nothing waits. */
  readonly packetTime: number;
}

export const DONT_MARK = 0;
export const PROB_MARK = 1;
export const HARD_MARK = 2;

/** Bounds of the adaptive probability, and how often it moves. @kernel include/net/red.h MAX_P_MIN, MAX_P_MAX */
const LEAST_P = 0.01;
const MOST_P = 0.5;

/**
 * Random early detection: how long the queue is on average, and which packet pays for it.
 *
 * @kernel include/net/red.h struct red_vars
 */
export class RedAverage {
  params!: RedParams;
  /** The average length, bytes. */
  average = 0;
  /** The probability in use; adaptive RED moves it. */
  maxP = 0;
  /** Packets since the last mark; -1 while the average is below min. */
  #count = -1;
  /** How long the sum of `average - min` must grow until the next mark. */
  #threshold = 0;
  #idleSince = -1;
  #weight = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  get idle(): boolean {
    return this.#idleSince >= 0;
  }

  configure(params: RedParams): void {
    this.params = params;
    this.maxP = params.probability;
    this.#weight = 2 ** -params.wlog;
    this.restart();
  }

  restart(): void {
    this.average = 0;
    this.#count = -1;
    this.#idleSince = -1;
  }

  beginIdle(now: number): void {
    this.#idleSince = now;
  }

  endIdle(): void {
    this.#idleSince = -1;
  }

  /** @kernel include/net/red.h red_calc_qavg() */
  update(backlog: number, now: number): void {
    const weight = this.#weight;
    if (this.#idleSince >= 0) {
      // As if small packets had found the queue empty meanwhile.
      this.average *= (1 - weight) ** ((now - this.#idleSince) / this.params.packetTime);
    } else {
      this.average += weight * (backlog - this.average);
    }
  }

  /**
   * DONT_MARK, PROB_MARK or HARD_MARK for the packet that comes. Marks are spread evenly: the distance of two is uniform
   * between 1 and twice the mean.
   *
   * @kernel include/net/red.h red_action()
   */
  action(): number {
    const { min, max } = this.params;
    if (this.average < min) {
      this.#count = -1;
      return DONT_MARK;
    }
    if (this.average >= max) {
      this.#count = -1;
      return HARD_MARK;
    }
    if (++this.#count === 0) {
      this.#draw();
    } else if ((this.average - min) * this.#count >= this.#threshold) {
      this.#count = 0;
      this.#draw();
      return PROB_MARK;
    }
    return DONT_MARK;
  }

  #draw(): void {
    this.#threshold = (this.#random() * (this.params.max - this.params.min)) / this.maxP;
  }

  /** Keeps the average in the middle between min and max. @kernel include/net/red.h red_adaptative_algo() */
  adapt(): void {
    const { min, max } = this.params;
    if (this.average > min + 0.6 * (max - min) && this.maxP <= MOST_P) this.maxP += Math.min(LEAST_P, this.maxP / 4);
    else if (this.average < min + 0.4 * (max - min) && this.maxP >= LEAST_P) this.maxP *= 0.9;
  }
}

/**
 * The weight that lets `burst` packets of the average size pass an empty queue before the average reaches min.
 *
 * @kernel tc/tc_red.c tc_red_eval_ewma()
 */
export function wlogFor(min: number, burst: number, avpkt: number): number {
  const room = burst + 1 - min / avpkt;
  if (room < 1) throw badOption('red', `a burst of ${burst}`, `give more than min/avpkt, ${Math.ceil(min / avpkt)}`);
  for (let wlog = 1; wlog < 32; wlog++) {
    const weight = 2 ** -wlog;
    if (room <= (1 - (1 - weight) ** burst) / weight) return wlog;
  }
  throw badOption('red', `a burst of ${burst}`, 'give a smaller one');
}
