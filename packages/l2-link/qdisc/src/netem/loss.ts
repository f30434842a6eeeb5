import type { Random } from '@stack/clock';
import { share } from '../base/options.ts';
import { Crandom, share32 } from './crandom.ts';

/** Loss that comes in bursts, after Gilbert and Elliott: a good and a bad state. Shares from 0 to 1. */
export interface GilbertElliott {
  /** From good to bad, and back (1 - p unless given). */
  p: number;
  r?: number;
  /** Share that is lost in the bad state (1 unless given), and in the good one (0). */
  lossInBad?: number;
  lossInGood?: number;
}

/** Loss with four states: receiving, receiving in a burst of losses, losing in a burst, losing one. */
export interface FourStates {
  p13: number;
  p31?: number;
  p32?: number;
  p23?: number;
  p14?: number;
}

/** Decides which packets are lost. */
export interface LossModel {
  lost(): boolean;
  dump(): Record<string, unknown>;
}

export class RandomLoss implements LossModel {
  readonly #share: number;
  readonly #correlation: number;
  readonly #loss: number;
  readonly #random: Crandom;

  constructor(loss: number, correlation: number, random: Random) {
    this.#share = loss;
    this.#loss = share32(loss);
    this.#correlation = share('netem', 'lossCorrelation', correlation);
    this.#random = new Crandom(random, correlation);
  }

  lost(): boolean {
    return this.#loss > 0 && this.#loss >= this.#random.next();
  }

  dump(): Record<string, unknown> {
    return this.#loss === 0 ? {} : { loss: withCorrelation(this.#share, this.#correlation) };
  }
}

/** @kernel net/sched/sch_netem.c loss_gilb_ell() */
export class GilbertElliottLoss implements LossModel {
  readonly #p: number;
  readonly #r: number;
  readonly #lossInBad: number;
  readonly #lossInGood: number;
  readonly #random: Random;
  #bad = false;

  constructor(model: GilbertElliott, random: Random) {
    this.#p = share('netem', 'p', model.p);
    this.#r = share('netem', 'r', model.r ?? 1 - model.p);
    this.#lossInBad = share('netem', 'lossInBad', model.lossInBad ?? 1);
    this.#lossInGood = share('netem', 'lossInGood', model.lossInGood ?? 0);
    this.#random = random;
  }

  lost(): boolean {
    const changes = this.#random.fraction() < (this.#bad ? this.#r : this.#p);
    const lost = this.#random.fraction() < (this.#bad ? this.#lossInBad : this.#lossInGood);
    if (changes) this.#bad = !this.#bad;
    return lost;
  }

  dump(): Record<string, unknown> {
    const model = [this.#p, this.#r, this.#lossInBad, this.#lossInGood].map(percent);
    return { 'loss gemodel': `p ${model[0]} r ${model[1]} 1-h ${model[2]} 1-k ${model[3]}` };
  }
}

const RECEIVED = 1;
const RECEIVED_IN_BURST = 2;
const LOST_IN_BURST = 3;
const LOST_ALONE = 4;

/** @kernel net/sched/sch_netem.c loss_4state() */
export class FourStateLoss implements LossModel {
  readonly #model: Required<FourStates>;
  readonly #random: Random;
  #state = RECEIVED;

  constructor(model: FourStates, random: Random) {
    this.#model = { p31: 1 - model.p13, p32: 0, p23: 1, p14: 0, ...model };
    for (const [name, part] of Object.entries(this.#model)) share('netem', name, part);
    this.#random = random;
  }

  lost(): boolean {
    this.#state = this.#next(this.#random.fraction());
    return this.#state === LOST_IN_BURST || this.#state === LOST_ALONE;
  }

  #next(drawn: number): number {
    const { p13, p31, p32, p23, p14 } = this.#model;
    if (this.#state === LOST_ALONE) return RECEIVED;
    if (this.#state === RECEIVED_IN_BURST) return drawn < p23 ? LOST_IN_BURST : RECEIVED_IN_BURST;
    if (this.#state === RECEIVED) return drawn < p14 ? LOST_ALONE : drawn < p14 + p13 ? LOST_IN_BURST : RECEIVED;
    return drawn < p32 ? RECEIVED_IN_BURST : drawn < p32 + p31 ? RECEIVED : LOST_IN_BURST;
  }

  dump(): Record<string, unknown> {
    const { p13, p31, p32, p23, p14 } = this.#model;
    const text = `p13 ${percent(p13)} p31 ${percent(p31)} p32 ${percent(p32)} p23 ${percent(p23)} p14 ${percent(p14)}`;
    return { 'loss state': text };
  }
}

/** `10%`, or `10% 25%` when each depends on the one before. */
export function withCorrelation(part: number, correlation = 0): string {
  return correlation === 0 ? percent(part) : `${percent(part)} ${percent(correlation)}`;
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(4))}%`;
}
