import { ITR } from './registers.ts';
import type { E1000Hw } from './hw/hw.ts';

/** Modes of `interruptThrottleRate`; larger numbers are rates. */
const NONE = 0;
const DYNAMIC = 1;
const CONSERVATIVE = 3;

/** What the traffic of one interrupt looked like. */
const LOWEST_LATENCY = 0;
const LOW_LATENCY = 1;
const BULK_LATENCY = 2;
/** Interrupts per second for each. */
const RATES = [70_000, 20_000, 4_000];
const FIRST_RATE = 20_000;
/** Below gigabit, packets come slowly enough. */
const SLOW_RATE = 4_000;

/** Estimates how many interrupts per second the traffic needs. */
export class RateEstimate {
  /** Since the last estimate. */
  packets = 0;
  bytes = 0;
  rate = FIRST_RATE;
  latency = LOW_LATENCY;

  /** As the chip does, when it was reset. */
  restart(): void {
    this.packets = 0;
    this.bytes = 0;
    this.rate = FIRST_RATE;
    this.latency = LOW_LATENCY;
  }

  count(packets: number, bytes: number): void {
    this.packets += packets;
    this.bytes += bytes;
  }
}

/** Interrupts at most every so many units of 256 ns; 0 is no limit. */
export function itrInterval(rate: number): number {
  return rate === 0 ? 0 : Math.floor(1_000_000_000 / (rate * 256));
}

/** The rate to begin with. */
export function initialRate(setting: number): number {
  if (setting === NONE) return 0;
  return isDynamic(setting) ? FIRST_RATE : setting;
}

export function isDynamic(setting: number): boolean {
  return setting === DYNAMIC || setting === CONSERVATIVE;
}

/**
 * Adapts the rate to the packets since the last time. It falls at once and rises by quarters of the goal.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_set_itr()
 */
export function e1000SetItr(hw: E1000Hw, estimate: RateEstimate, setting: number, linkSpeed: number): void {
  const { packets, bytes } = estimate;
  estimate.packets = 0;
  estimate.bytes = 0;
  if (linkSpeed === 0) return;
  let wanted = SLOW_RATE;
  if (linkSpeed === 1000) {
    estimate.latency = e1000UpdateItr(estimate.latency, packets, bytes);
    const lowest = estimate.latency === LOWEST_LATENCY && setting === CONSERVATIVE;
    wanted = RATES[lowest ? LOW_LATENCY : estimate.latency];
  }
  if (wanted === estimate.rate) return;
  const { rate } = estimate;
  estimate.rate = wanted > rate ? Math.min(rate + (wanted >>> 2), wanted) : wanted;
  hw.write(ITR, itrInterval(estimate.rate));
}

/**
 * What the traffic looks like, from what it looked like before, and the packets and bytes of one interrupt.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_update_itr()
 */
export function e1000UpdateItr(before: number, packets: number, bytes: number): number {
  if (packets === 0) return before;
  if (before === LOWEST_LATENCY) {
    // Jumbo frames and packets to be segmented are bulk, however few.
    if (bytes / packets > 8000) return BULK_LATENCY;
    return packets < 5 && bytes > 512 ? LOW_LATENCY : before;
  }
  if (before === BULK_LATENCY) {
    if (bytes > 25_000) return packets > 35 ? LOW_LATENCY : before;
    return bytes < 6000 ? LOW_LATENCY : before;
  }
  if (bytes > 10_000) {
    if (bytes / packets > 8000 || packets < 10 || bytes / packets > 1200) return BULK_LATENCY;
    return packets > 35 ? LOWEST_LATENCY : before;
  }
  if (bytes / packets > 2000) return BULK_LATENCY;
  return packets <= 2 && bytes < 512 ? LOWEST_LATENCY : before;
}
