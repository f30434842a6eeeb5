/** tc counts in whole microseconds, and tells the kernel in ticks. */
const TICKS_PER_USEC = 15.625;
const TICK = 64;

/** How long so many bytes take as tc tells the kernel, ns. @kernel tc/tc_core.c tc_calc_xmittime() */
export function xmitTime(rate: number, bytes: number): number {
  return Math.floor(Math.floor((bytes * 1e6) / rate) * TICKS_PER_USEC) * TICK;
}

/** Ns in the units in which the kernel tells them, as a number of 32 bits. @kernel include/net/pkt_sched.h PSCHED_NS2TICKS() */
export function ticksOf(ns: number): number {
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.floor(ns / TICK)));
}

/** The bytes that tc makes of a time: fewer than were given, by what the units lost. @kernel tc/tc_core.c tc_calc_xmitsize() */
export function xmitSize(rate: number, ns: number): number {
  return Math.floor((rate * Math.floor(Math.floor(ns / TICK) / TICKS_PER_USEC)) / 1e6);
}
