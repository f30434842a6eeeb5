import type { SkBuff } from '@stack/skb';
import { Ring } from '../base/ring.ts';
import { ewma } from './capacity.ts';
import type { CobaltParams } from './cobalt.ts';
import { CakeFlow, CakeHost } from './flow.ts';
import { cakeHash, destinationHash, fairByDestination, fairBySource, sourceHash, type Isolation } from './isolation.ts';

/** @kernel net/sched/sch_cake.c CAKE_QUEUES, CAKE_SET_WAYS */
const QUEUES = 1024;
const WAYS = 8;
/** Steps of this part of the whole meet no part of it more often than another. */
const GOLDEN = 0.618_033_988_749_895;

/**
 * One class of traffic: queues for its flows, sparse ones first, and a rate up to which it has priority.
 *
 * @kernel net/sched/sch_cake.c struct cake_tin_data
 */
export class CakeTin {
  readonly flows: readonly CakeFlow[] = Array.from({ length: QUEUES }, () => new CakeFlow(this));
  readonly newFlows = new Ring<CakeFlow>();
  readonly oldFlows = new Ring<CakeFlow>();
  readonly #hosts: readonly CakeHost[] = Array.from({ length: QUEUES }, () => new CakeHost());
  /** Bytes a second up to which it has priority; 0 when there is no rate. */
  rate = 0;
  cobalt!: CobaltParams;
  /** Bytes that it sends in its turn; and its share in this round. */
  quantum = 0;
  deficit = 0;
  flowQuantum = 300;
  #dither = 0;
  /** When its rate lets it send next, ns. */
  timeNext = 0;
  backlog = 0;
  packets = 0;
  bytes = 0;
  drops = 0;
  bulkFlows = 0;
  /** Packets for which no queue was free, those that began a flow, and those whose queue was another one of the set. */
  wayCollisions = 0;
  wayMisses = 0;
  wayHits = 0;
  marks = 0;
  ackDrops = 0;
  /** Bytes of the longest packet. */
  longest = 0;
  /** Delays in ns: of packets that waited longest, of all, and of those that waited least. */
  peakDelay = 0;
  averageDelay = 0;
  baseDelay = 0;

  /** The queue for a packet. @kernel net/sched/sch_cake.c cake_hash() */
  flowOf(skb: SkBuff, isolation: Isolation): CakeFlow {
    const tag = cakeHash(skb, isolation);
    const index = (tag >>> 0) % QUEUES;
    const set = index - (index % WAYS);
    let free: CakeFlow | null = null;
    for (let way = 0; way < WAYS; way++) {
      const flow = this.flows[set + ((index + way) % WAYS)];
      if (flow.tag === tag) {
        if (way > 0) this.wayHits++;
        return flow;
      }
      if (free === null && flow.ring === null) free = flow;
    }
    if (free === null) {
      this.wayCollisions++;
      return this.flows[index];
    }
    this.wayMisses++;
    free.tag = tag;
    free.source = fairBySource(isolation) ? this.#hosts[(sourceHash(skb) >>> 0) % QUEUES] : null;
    free.destination = fairByDestination(isolation) ? this.#hosts[(destinationHash(skb) >>> 0) % QUEUES] : null;
    return free;
  }

  get nextFlow(): CakeFlow | null {
    return this.newFlows.first ?? this.oldFlows.first;
  }

  /** Flows that have not sent their share. */
  get sparseFlows(): number {
    return this.newFlows.length;
  }

  /** A packet that leaves waited so long. */
  waited(delay: number): void {
    this.averageDelay = ewma(this.averageDelay, delay, 8);
    this.peakDelay = ewma(this.peakDelay, delay, delay > this.peakDelay ? 2 : 8);
    this.baseDelay = ewma(this.baseDelay, delay, delay < this.baseDelay ? 2 : 8);
  }

  /** A flow that was idle has packets: it is sparse until it has sent its share. */
  wake(flow: CakeFlow): void {
    flow.deficit = this.quantumOf(flow);
    this.newFlows.push(flow);
  }

  /** What a flow may send in its turn: hosts with many flows get as much for all. @kernel net/sched/sch_cake.c cake_get_flow_quantum() */
  quantumOf(flow: CakeFlow): number {
    const load = Math.max(1, flow.source?.bulkSources ?? 1, flow.destination?.bulkDestinations ?? 1);
    if (load === 1) return this.flowQuantum;
    // Rounded up or down in turn, so that shares of less than a byte are right in the long run.
    this.#dither = (this.#dither + GOLDEN) % 1;
    return Math.floor(this.flowQuantum / load + this.#dither);
  }

  /** The flow had its turn, or is empty but shall not be sparse at once again. */
  toOld(flow: CakeFlow): void {
    flow.ring!.remove(flow);
    this.oldFlows.push(flow);
    if (!flow.bulk) this.#count(flow, 1);
  }

  /** The flow has no packets. */
  sleep(flow: CakeFlow): void {
    flow.ring!.remove(flow);
    if (flow.bulk) this.#count(flow, -1);
  }

  #count(flow: CakeFlow, by: number): void {
    flow.bulk = by > 0;
    this.bulkFlows += by;
    if (flow.source !== null) flow.source.bulkSources += by;
    if (flow.destination !== null) flow.destination.bulkDestinations += by;
  }

  reset(): void {
    for (const flow of this.flows) flow.reset();
    for (const host of this.#hosts) host.bulkSources = host.bulkDestinations = 0;
    this.bulkFlows = 0;
    this.backlog = 0;
    this.deficit = 0;
    this.timeNext = 0;
  }
}
