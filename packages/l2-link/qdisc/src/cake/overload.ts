import type { CakeFlow } from './flow.ts';
import type { CakeTin } from './tin.ts';

/** After so many packets without an overload the heap is no longer kept. */
const CALM = 65_535;

/**
 * Finds the longest queue. While memory suffices nobody asks, so the heap costs nothing then: the first overload builds it
 * from the queues that have packets, and from then on it follows them.
 *
 * @kernel net/sched/sch_cake.c cake_heapify(), cake_heapify_up()
 */
export class OverloadHeap {
  readonly #flows: CakeFlow[] = [];
  #length = 0;
  /** Packets until it is given up; 0 while it is not kept. */
  #calm = 0;

  /** The queue with most bytes; one of them must have some. */
  longest(tins: readonly CakeTin[]): CakeFlow {
    if (this.#calm === 0) this.#build(tins);
    this.#calm = CALM;
    return this.#flows[0];
  }

  /** The backlog of a queue has changed. */
  changed(flow: CakeFlow): void {
    if (this.#calm === 0) return;
    if (flow.slot < 0) {
      if (flow.backlog > 0) this.#up(flow, this.#length++);
    } else if (flow.backlog === 0) {
      this.#remove(flow);
    } else {
      this.#up(flow, flow.slot);
      this.#down(flow, flow.slot);
    }
  }

  /** A packet came, and there was room for it. */
  calm(): void {
    if (this.#calm > 0 && --this.#calm === 0) this.clear();
  }

  clear(): void {
    for (let slot = 0; slot < this.#length; slot++) this.#flows[slot].slot = -1;
    this.#length = 0;
    this.#calm = 0;
  }

  #build(tins: readonly CakeTin[]): void {
    for (const tin of tins) {
      for (const ring of [tin.newFlows, tin.oldFlows]) {
        for (let flow = ring.first; flow !== null; flow = flow.after) {
          if (flow.backlog > 0) this.#place(flow, this.#length++);
        }
      }
    }
    for (let slot = (this.#length >> 1) - 1; slot >= 0; slot--) this.#down(this.#flows[slot], slot);
  }

  #remove(flow: CakeFlow): void {
    const { slot } = flow;
    flow.slot = -1;
    const last = this.#flows[--this.#length];
    if (last === flow) return;
    this.#up(last, slot);
    this.#down(last, last.slot);
  }

  #up(flow: CakeFlow, from: number): void {
    const flows = this.#flows;
    let slot = from;
    while (slot > 0) {
      const parent = flows[(slot - 1) >> 1];
      if (parent.backlog >= flow.backlog) break;
      this.#place(parent, slot);
      slot = (slot - 1) >> 1;
    }
    this.#place(flow, slot);
  }

  #down(flow: CakeFlow, from: number): void {
    const flows = this.#flows;
    let slot = from;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= this.#length) break;
      if (child + 1 < this.#length && flows[child + 1].backlog > flows[child].backlog) child++;
      if (flows[child].backlog <= flow.backlog) break;
      this.#place(flows[child], slot);
      slot = child;
    }
    this.#place(flow, slot);
  }

  #place(flow: CakeFlow, slot: number): void {
    this.#flows[slot] = flow;
    flow.slot = slot;
  }
}
