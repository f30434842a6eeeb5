import type { Qdisc, QdiscClass, QdiscClassStats } from '@stack/netdev';
import { formatRate, formatSize } from '../base/units.ts';
import type { TimedNode } from '../base/time-heap.ts';
import type { HtbFeed } from './feed.ts';
import { ticksOf, xmitSize } from '../base/psched.ts';
import type { HtbClassParams } from './params.ts';

/** @kernel net/sched/sch_htb.c TC_HTB_MAXDEPTH, TC_HTB_NUMPRIO */
export const HTB_DEPTH = 8;
export const HTB_PRIORITIES = 8;

/** @kernel net/sched/sch_htb.c enum htb_cmode */
export const CANT_SEND = 0;
export const MAY_BORROW = 1;
export const CAN_SEND = 2;

/** Debts older than that are forgotten. */
const MOST_TOKENS = 60e9;

/**
 * One class: it may send at its rate, and up to its ceil when the class above has some to lend.
 *
 * @kernel net/sched/sch_htb.c struct htb_class
 */
export class HtbClass implements QdiscClass, TimedNode {
  readonly classid: number;
  readonly parent: number;
  readonly above: HtbClass | null;
  children = 0;
  /** 0 for one that has packets of its own; else its height in the tree. */
  level = 0;
  params: HtbClassParams;
  qdisc: Qdisc | null = null;
  /** Tokens in ns, of the rate and of the ceil; and when they were counted. */
  tokens: number;
  ctokens: number;
  checkpoint: number;
  mode = CAN_SEND;
  /** A bit for each priority at which it has packets, or those below. */
  active = 0;
  /** Of a leaf: what it may still send in its turn, at each level from which it sends. */
  readonly deficit = new Float64Array(HTB_DEPTH);
  /** Its number in feeds; and those who borrow from it, by priority. */
  readonly index: number;
  feeds: readonly HtbFeed[] = [];
  /** When its mode changes by itself. */
  at = 0;
  slot = -1;
  /** Packets that it sent by itself, and on the account of the class above. */
  lends = 0;
  borrows = 0;
  readonly own = { packets: 0, bytes: 0, drops: 0, overlimits: 0 };

  constructor(
    id: { classid: number; parent: number; index: number },
    above: HtbClass | null,
    params: HtbClassParams,
    now: number,
  ) {
    this.classid = id.classid;
    this.parent = id.parent;
    this.index = id.index;
    this.above = above;
    this.params = params;
    this.tokens = params.buffer;
    this.ctokens = params.cbuffer;
    this.checkpoint = now;
  }

  get stats(): QdiscClassStats {
    return { ...this.own, qlen: this.qdisc?.qlen ?? 0, backlog: this.qdisc?.backlog ?? 0 };
  }

  /** What the mode is after `elapsed` ns. @kernel net/sched/sch_htb.c htb_class_mode() */
  modeAfter(elapsed: number): number {
    if (this.ctokens + elapsed < 0) return CANT_SEND;
    return this.tokens + elapsed >= 0 ? CAN_SEND : MAY_BORROW;
  }

  /** How long until the mode changes, when it is the one after `elapsed` ns. */
  waits(elapsed: number): number {
    return this.mode === CANT_SEND ? -(this.ctokens + elapsed) : -(this.tokens + elapsed);
  }

  /** Ns since tokens were counted. */
  elapsed(now: number): number {
    return Math.min(now - this.checkpoint, MOST_TOKENS);
  }

  /** Pays for a packet; `borrowed`: the rate is paid by the class above. @kernel net/sched/sch_htb.c htb_accnt_tokens() */
  pay(bytes: number, now: number, borrowed: boolean): void {
    const elapsed = this.elapsed(now);
    const { rate, ceil, buffer, cbuffer } = this.params;
    if (borrowed) this.tokens += elapsed;
    else this.tokens = Math.max(Math.min(this.tokens + elapsed, buffer) - rate.timeOf(bytes), 1 - MOST_TOKENS);
    this.ctokens = Math.max(Math.min(this.ctokens + elapsed, cbuffer) - ceil.timeOf(bytes), 1 - MOST_TOKENS);
    this.checkpoint = now;
  }

  /** As new. */
  refill(now: number): void {
    this.tokens = this.params.buffer;
    this.ctokens = this.params.cbuffer;
    this.checkpoint = now;
    this.mode = CAN_SEND;
  }

  /** In the order of tc. @kernel tc/q_htb.c htb_print_opt() */
  dump(): Record<string, unknown> {
    const { rate, ceil, prio, quantum, buffer, cbuffer } = this.params;
    const { overhead, linklayer } = rate;
    const mpu = ` mpu ${formatSize(rate.mpu)}`;
    return {
      ...(this.level === 0 && { prio, quantum }),
      rate: formatRate(rate.rate), ...(overhead !== 0 && { overhead }), ceil: formatRate(ceil.rate), linklayer,
      burst: `${formatSize(xmitSize(rate.rate, buffer))}/1${mpu}`,
      cburst: `${formatSize(xmitSize(ceil.rate, cbuffer))}/1${mpu}`, level: this.level,
    }; // prettier-ignore
  }

  xstats(): Record<string, unknown> {
    return {
      lended: this.lends, borrowed: this.borrows, giants: 0, tokens: ticksOf(this.tokens), ctokens: ticksOf(this.ctokens),
    }; // prettier-ignore
  }
}
