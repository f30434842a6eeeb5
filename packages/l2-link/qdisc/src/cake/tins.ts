import { isIpv4, ip, type SkBuff } from '@stack/skb';
import { cobaltParams } from './cobalt.ts';
import { byImportance, DIFFSERV } from './diffserv.ts';
import type { CakeConfig } from './options.ts';
import { CakeTin } from './tin.ts';

/** A flow that fills a link this slow sends a few packets a round. */
const LEAST_FLOW_QUANTUM = 300;
/** Rounds a second of a flow that has a link for itself. */
const FLOW_ROUNDS = 4096;

/** The tins of a discipline, which packets go where, and whose turn it is. */
export class CakeTins {
  readonly all: CakeTin[] = [];
  /** The same from the least important one on. */
  inOrder: readonly CakeTin[] = [];
  #current = 0;
  #config!: CakeConfig;
  #tinOf!: Uint8Array;

  /** As many as the configuration wants; gives back those that go. */
  configure(config: CakeConfig): CakeTin[] {
    const { tins, tinOf } = DIFFSERV[config.diffserv];
    const gone = this.all.splice(tins.length);
    while (this.all.length < tins.length) this.all.push(new CakeTin());
    this.#current = 0;
    this.#config = config;
    this.#tinOf = tinOf;
    this.inOrder = byImportance(this.all, config.diffserv);
    return gone;
  }

  /** Bytes a second of all, 0 when there is no rate. @kernel net/sched/sch_cake.c cake_set_rate() */
  setRate(rate: number, mtu: number): void {
    const { target, interval, diffserv } = this.#config;
    for (const [index, { share, quantum }] of DIFFSERV[diffserv].tins.entries()) {
      const tin = this.all[index];
      tin.rate = Math.floor(rate * share);
      tin.quantum = quantum;
      const round = Math.floor(tin.rate / FLOW_ROUNDS);
      tin.flowQuantum = tin.rate === 0 ? mtu : Math.max(LEAST_FLOW_QUANTUM, Math.min(round, mtu));
      tin.cobalt = cobaltParams(tin.rate, mtu, target, interval);
    }
  }

  /** The tin for a packet that no filter sorted: by its mark, or its DS field. @kernel net/sched/sch_cake.c cake_select_tin() */
  of(skb: SkBuff): CakeTin {
    const { fwmark } = this.#config;
    const marked = skb.mark & fwmark;
    return marked === 0 ? this.#byField(skb) : this.named(marked >>> (31 - Math.clz32(fwmark & -fwmark)), skb);
  }

  /** Counted from 1, from the least important one on; that of the DS field when there are not so many. */
  named(number: number, skb: SkBuff): CakeTin {
    return this.inOrder[number - 1] ?? this.#byField(skb);
  }

  #byField(skb: SkBuff): CakeTin {
    return this.all[isIpv4(skb) ? this.#tinOf[ip.tos(skb) >> 2] : this.#tinOf[0]];
  }

  /** Without a rate the tins take turns by weight. At least one must have packets. */
  byTurn(): CakeTin {
    for (;;) {
      const tin = this.all[this.#current];
      if (tin.nextFlow !== null && tin.deficit > 0) return tin;
      if (tin.nextFlow !== null) tin.deficit += tin.quantum;
      this.#current = (this.#current + 1) % this.all.length;
    }
  }

  /** With a rate, the last one that is within its share; or that which will be first. At least one must have packets. */
  byTime(now: number): CakeTin {
    let best = this.all[0];
    let earliest = Infinity;
    for (let i = 0; i < this.all.length; i++) {
      const tin = this.all[i];
      if (tin.nextFlow === null) continue;
      const late = tin.timeNext - now;
      if (late > 0 && late > earliest) continue;
      best = tin;
      earliest = late;
    }
    return best;
  }
}
