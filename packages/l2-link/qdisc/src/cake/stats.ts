import { formatRate, formatSize, formatTime } from '../base/units.ts';
import type { Diffserv } from './diffserv.ts';
import type { CakeTin } from './tin.ts';

const NAMES: Partial<Record<Diffserv, readonly string[]>> = {
  diffserv3: ['Bulk', 'Best Effort', 'Voice'],
  diffserv4: ['Bulk', 'Best Effort', 'Video', 'Voice'],
};

/** What tc prints of a tin, from its least to its most important. @kernel tc/q_cake.c cake_print_xstats() */
export function describeTins(tins: readonly CakeTin[], diffserv: Diffserv): Record<string, unknown>[] {
  return tins.map((tin, index) => ({
    '': NAMES[diffserv]?.[index] ?? `Tin ${index}`,
    thresh: formatRate(tin.rate),
    target: formatTime(tin.cobalt.target),
    interval: formatTime(tin.cobalt.interval),
    pk_delay: formatTime(Math.round(tin.peakDelay)),
    av_delay: formatTime(Math.round(tin.averageDelay)),
    sp_delay: formatTime(Math.round(tin.baseDelay)),
    backlog: formatSize(tin.backlog),
    pkts: tin.packets,
    bytes: tin.bytes,
    way_inds: tin.wayHits,
    way_miss: tin.wayMisses,
    way_cols: tin.wayCollisions,
    drops: tin.drops,
    marks: tin.marks,
    ack_drop: tin.ackDrops,
    sp_flows: tin.sparseFlows,
    bk_flows: tin.bulkFlows,
    max_len: tin.longest,
    quantum: tin.flowQuantum,
  }));
}
