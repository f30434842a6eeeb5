import { NET_XMIT_DROP, NET_XMIT_SUCCESS, qdiscPktLen, QdiscWatchdog } from '@stack/netdev';
import type { NetdevQueue, QdiscKind } from '@stack/netdev';
import { skbGetHash, DropReason, type SkBuff } from '@stack/skb';
import { AheadQdisc } from '../base/ahead.ts';
import { cbTime } from '../base/cb.ts';
import { inetEcnSetCe } from '../base/ecn.ts';
import { TimeHeap } from '../base/time-heap.ts';
import { TimedQueue } from '../base/timed-queue.ts';
import { pschedMtu } from '../codel/control.ts';
import { FqBand } from './band.ts';
import { FqFlowTable, type FqFlow } from './flow.ts';
import { FQ_BANDS, FqConfig, type FqOptions } from './options.ts';

const TC_PRIO_MAX = 15;
/** Goes before everything. @kernel include/uapi/linux/pkt_sched.h TC_PRIO_CONTROL */
const TC_PRIO_CONTROL = 7;
const INT_MAX = 2 ** 31 - 1;
/** The rate of a socket may rise, so no flow waits longer. */
const LONGEST_PAUSE = 1e9;

/**
 * Flows take turns, and each keeps its pace: a packet leaves at its departure time (`skb.tstamp`) and not before the
 * flow's rate allows.
 *
 * @kernel net/sched/sch_fq.c fq_qdisc_ops
 */
class Fq extends AheadQdisc {
  readonly kind = 'fq';
  readonly #config: FqConfig;
  readonly #flows: FqFlowTable;
  readonly #bands: readonly FqBand[] = Array.from({ length: FQ_BANDS }, () => new FqBand());
  #band = 0;
  readonly #control = new TimedQueue();
  /** Flows that wait for a time. */
  readonly #throttled = new TimeHeap<FqFlow>();
  readonly #watchdog = new QdiscWatchdog(this);
  readonly #stats = {
    highprio: 0, throttled: 0, ceMark: 0, flowsPlimit: 0, pktsTooLong: 0, horizonDrops: 0, horizonCaps: 0,
  }; // prettier-ignore

  constructor(queue: NetdevQueue, options: FqOptions) {
    super(queue);
    this.#config = new FqConfig(pschedMtu(this));
    this.#config.change(options, false);
    this.#flows = new FqFlowTable(this.#config.buckets);
    this.#forget();
  }

  /** @kernel net/sched/sch_fq.c fq_change() */
  override change(options: FqOptions): void {
    this.#config.change(options, true);
    const { qlen, backlog } = this;
    while (this.qlen > this.#config.limit) {
      const skb = this.#fromBands(this.queue.dev.core.clock.now());
      if (skb === null) break;
      this.qlen--;
      this.backlog -= qdiscPktLen(skb);
      this.drop(skb, DropReason.QDISC_OVERLIMIT);
    }
    this.treeReduceBacklog(qlen - this.qlen, backlog - this.backlog);
  }

  /** @kernel net/sched/sch_fq.c fq_enqueue() */
  enqueue(skb: SkBuff): number {
    const now = this.queue.dev.core.clock.now();
    const priority = skb.priority & TC_PRIO_MAX;
    const bandIndex = this.#config.priomap[priority];
    const band = this.#bands[bandIndex];
    const queued = priority === TC_PRIO_CONTROL ? this.#control.length : band.qlen;
    if (queued >= this.#config.limit) {
      band.drops++;
      return this.#refuse(skb, DropReason.FQ_BAND_LIMIT);
    }
    const { horizon } = this.#config;
    if (skb.tstamp > now + horizon) {
      if (this.#config.horizonDrop) return this.#refuse(skb, DropReason.FQ_HORIZON_LIMIT);
      this.#stats.horizonCaps++;
      skb.tstamp = now + horizon;
    }
    if (priority === TC_PRIO_CONTROL) {
      this.#control.insert(skb, now);
      this.#stats.highprio++;
    } else {
      const key = this.#keyOf(skb);
      const flow = this.#flows.find(key, now) ?? this.#flows.add(key, bandIndex, this.#config.initialQuantum);
      if (flow.packets.length >= this.#config.flowLimit) return this.#refuse(skb, DropReason.FQ_FLOW_LIMIT);
      if (flow.detached) {
        this.#resume(flow, bandIndex, now);
        if (this.#config.pacing) skb.sk?.paceInQdisc?.();
      }
      flow.packets.insert(skb, skb.tstamp === 0 ? now : skb.tstamp);
      this.#bands[flow.band].qlen++;
    }
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  /** What packets of one flow have in common. Those that no socket sent share a part of the flows. @kernel net/sched/sch_fq.c fq_classify() */
  #keyOf(skb: SkBuff): number {
    const hash = skbGetHash(skb) & INT_MAX;
    return skb.sk === null ? ~(hash & this.#config.orphanMask) : hash;
  }

  /** @kernel net/sched/sch_fq.c fq_flow_add_tail() */
  #resume(flow: FqFlow, band: number, now: number): void {
    flow.band = band;
    this.#bands[band].newFlows.push(flow);
    if (now > flow.idleSince + this.#config.refillDelay) flow.credit = Math.max(flow.credit, this.#config.quantum);
  }

  #refuse(skb: SkBuff, reason: number): number {
    if (reason === DropReason.FQ_FLOW_LIMIT) this.#stats.flowsPlimit++;
    else if (reason === DropReason.FQ_HORIZON_LIMIT) this.#stats.horizonDrops++;
    this.drop(skb, reason);
    return NET_XMIT_DROP;
  }

  /** @kernel net/sched/sch_fq.c fq_dequeue() */
  protected next(): SkBuff | null {
    if (this.qlen === 0) return null;
    const control = this.#control.shift();
    if (control !== null) {
      this.dequeued(control);
      return control;
    }
    const now = this.queue.dev.core.clock.now();
    this.#checkThrottled(now);
    const skb = this.#fromBands(now);
    if (skb !== null) this.dequeued(skb);
    else if (this.#throttled.first !== null)
      this.#watchdog.scheduleRange(this.#throttled.first.at, this.#config.timerSlack);
    return skb;
  }

  /** The packet whose turn it is, over bands, flows and times. */
  #fromBands(now: number): SkBuff | null {
    for (let tried = 0; tried <= FQ_BANDS;) {
      const band = this.#bands[this.#band];
      const flow = band.credit > 0 ? band.first : null;
      if (flow === null) {
        tried += this.#nextBand();
        continue;
      }
      const skb = this.#fromFlow(flow, band, now);
      if (skb !== null) return skb;
      tried = 0;
    }
    return null;
  }

  /** On to the next band, which gets its bytes for the round. Returns 0 when a band has flows but too little credit. */
  #nextBand(): number {
    this.#band = (this.#band + 1) % FQ_BANDS;
    const band = this.#bands[this.#band];
    const weight = this.#config.weights[this.#band];
    band.credit = Math.min(band.credit + weight, weight);
    return band.first !== null && band.credit <= 0 ? 0 : 1;
  }

  /** A packet of the flow, or null and the flow is no longer the first of its band. */
  #fromFlow(flow: FqFlow, band: FqBand, now: number): SkBuff | null {
    if (flow.credit <= 0) {
      flow.credit += this.#config.quantum;
      band.toOld(flow);
      return null;
    }
    const skb = flow.packets.first;
    if (skb === null) {
      this.#ranEmpty(flow, band, now);
      return null;
    }
    const at = this.#config.pacing ? Math.max(cbTime(skb), flow.timeNextPacket) : 0;
    if (at > now) {
      this.#throttle(flow, at);
      return null;
    }
    if (now - at > this.#config.ceThreshold && inetEcnSetCe(skb)) this.#stats.ceMark++;
    flow.packets.remove(skb);
    band.qlen--;
    const bytes = qdiscPktLen(skb);
    flow.credit -= bytes;
    band.credit -= bytes;
    if (this.#config.pacing) this.#pace(flow, skb, bytes, now);
    return skb;
  }

  /** When the flow's rate lets the next packet go. */
  #pace(flow: FqFlow, skb: SkBuff, bytes: number, now: number): void {
    const { maxrate, quantum, lowRateThreshold } = this.#config;
    if (maxrate === Infinity) return;
    let charged = bytes;
    if (skb.tstamp === 0) {
      if (maxrate <= lowRateThreshold) {
        flow.credit = 0;
      } else {
        // A whole round at once, and then a pause for all of it.
        charged = Math.max(bytes, quantum);
        if (flow.credit > 0) return;
      }
    }
    let pause = Math.floor((charged * 1e9) / maxrate);
    if (pause > LONGEST_PAUSE) {
      pause = LONGEST_PAUSE;
      this.#stats.pktsTooLong++;
    }
    // A timer that was late does not slow the flow down.
    if (flow.timeNextPacket > 0) pause -= Math.min(Math.floor(pause / 2), now - flow.timeNextPacket);
    flow.timeNextPacket = now + pause;
  }

  /** @kernel net/sched/sch_fq.c fq_flow_set_throttled() */
  #throttle(flow: FqFlow, at: number): void {
    flow.ring!.remove(flow);
    flow.timeNextPacket = at;
    flow.at = at;
    this.#throttled.push(flow);
    this.#stats.throttled++;
  }

  /** @kernel net/sched/sch_fq.c fq_check_throttled() */
  #checkThrottled(now: number): void {
    for (let flow = this.#throttled.first; flow !== null && flow.at <= now; flow = this.#throttled.first) {
      this.#throttled.remove(flow);
      this.#bands[flow.band].oldFlows.push(flow);
    }
  }

  #ranEmpty(flow: FqFlow, band: FqBand, now: number): void {
    if (flow.ring === band.newFlows && band.oldFlows.first !== null) {
      band.toOld(flow);
      return;
    }
    flow.ring!.remove(flow);
    flow.idleSince = now;
  }

  protected purge(): void {
    this.#control.dropAll(DropReason.QUEUE_PURGE);
    this.#flows.reset((flow) => {
      flow.ring?.remove(flow);
      this.#throttled.remove(flow);
    });
    this.#forget();
    this.#watchdog.cancel();
  }

  #forget(): void {
    for (const [index, band] of this.#bands.entries()) {
      band.credit = this.#config.weights[index];
      band.qlen = 0;
    }
    this.#band = 0;
  }

  override destroy(): void {
    this.#watchdog.cancel();
  }

  override dump(): Record<string, unknown> {
    return this.#config.dump();
  }

  /** In the order of tc. @kernel tc/q_fq.c fq_print_xstats() */
  override xstats(): Record<string, unknown> {
    const { count, inactive, collected } = this.#flows;
    const { length, first } = this.#throttled;
    const { highprio, throttled, ceMark, flowsPlimit, pktsTooLong, horizonDrops, horizonCaps } = this.#stats;
    const late = pktsTooLong + horizonDrops + horizonCaps;
    return {
      flows: `${count} (inactive ${inactive} throttled ${length})`,
      ...(first !== null && { 'next packet delay': `${Math.max(0, first.at - this.queue.dev.core.clock.now())} ns` }),
      ...this.#ofBands('pkts', ({ qlen }) => qlen),
      gc: collected, highprio, throttled, ...(ceMark > 0 && { ceMark }), ...(flowsPlimit > 0 && { flowsPlimit }),
      ...(late > 0 && { pktsTooLong, horizonDrops, horizonCaps }), ...this.#ofBands('drops', ({ drops }) => drops),
    }; // prettier-ignore
  }

  #ofBands(name: string, of: (band: FqBand) => number): Record<string, number> {
    return Object.fromEntries(this.#bands.map((band, index) => [`band${index}_${name}`, of(band)]));
  }
}

export const fqKind: QdiscKind = { kind: 'fq', create: (queue, options) => new Fq(queue, options) };
