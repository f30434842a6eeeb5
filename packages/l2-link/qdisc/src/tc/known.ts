import { onlyNames, type Names } from '../base/options.ts';
import type { CakeOptions } from '../cake/options.ts';
import type { CodelOptions } from '../codel/codel.ts';
import type { FifoOptions } from '../fifo.ts';
import type { FqCodelOptions } from '../fq-codel/options.ts';
import type { FqOptions } from '../fq/options.ts';
import type { HtbOptions } from '../htb/htb.ts';
import type { NetemOptions } from '../netem/options.ts';
import type { PrioOptions } from '../prio.ts';
import type { RedOptions } from '../red/red.ts';
import type { TbfOptions } from '../tbf.ts';

const fifo: Names<FifoOptions> = { limit: true };
const prio: Names<PrioOptions> = { bands: true, priomap: true };
const tbf: Names<TbfOptions> = {
  rate: true, burst: true, limit: true, latency: true, peakrate: true, mtu: true, overhead: true, mpu: true,
  linklayer: true,
}; // prettier-ignore
const red: Names<RedOptions> = {
  limit: true, min: true, max: true, avpkt: true, burst: true, probability: true, bandwidth: true, ecn: true,
  harddrop: true, nodrop: true, adaptive: true,
}; // prettier-ignore
const codel: Names<CodelOptions> = {
  limit: true, target: true, interval: true, ecn: true, ceThreshold: true,
}; // prettier-ignore
const fqCodel: Names<FqCodelOptions> = {
  ...codel, ceThresholdSelector: true, flows: true, quantum: true, memoryLimit: true, dropBatch: true,
}; // prettier-ignore
const fq: Names<FqOptions> = {
  limit: true, flowLimit: true, quantum: true, initialQuantum: true, maxrate: true, pacing: true, buckets: true,
  refillDelay: true, lowRateThreshold: true, ceThreshold: true, horizon: true, horizonDrop: true, offloadHorizon: true,
  timerSlack: true, orphanMask: true, priomap: true, weights: true,
}; // prettier-ignore
const htb: Names<HtbOptions> = { default: true, r2q: true, directQlen: true };
const cake: Names<CakeOptions> = {
  bandwidth: true, diffserv: true, isolation: true, rtt: true, memlimit: true, splitGso: true, wash: true,
  ackFilter: true, ingress: true, autorateIngress: true, fwmark: true, nat: true, overhead: true, mpu: true, cells: true,
}; // prettier-ignore
const netem: Names<NetemOptions> = {
  limit: true, delay: true, jitter: true, delayCorrelation: true, distribution: true, loss: true, lossCorrelation: true,
  gemodel: true, lossState: true, ecn: true, duplicate: true, duplicateCorrelation: true, corrupt: true,
  corruptCorrelation: true, reorder: true, reorderCorrelation: true, gap: true, rate: true, packetOverhead: true,
  cellSize: true, cellOverhead: true, slot: true, seed: true,
}; // prettier-ignore

const KNOWN = new Map<string, Readonly<Record<string, true>>>(
  Object.entries({
    pfifo: fifo, bfifo: fifo, pfifo_head_drop: fifo, pfifo_fast: {}, prio, tbf, red, codel, fq_codel: fqCodel, fq, htb, cake,
    netem, drr: {}, mq: {}, ingress: {}, clsact: {},
  }),
); // prettier-ignore

/** Refuses options that a kind of ours does not have; of other kinds nothing is known. */
export function checkNames(kind: string, options: object): void {
  const known = KNOWN.get(kind);
  if (known !== undefined) onlyNames(kind, known, options);
}
