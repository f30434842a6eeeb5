import { StackError, type Undo } from '@stack/plugin';
import { TCQ_F_CAN_BYPASS, type FilterChain, type NetDevice, type PacketFilter } from '@stack/netdev';
import { onlyNames } from '../base/options.ts';
import { minorOf, parseHandle, type Handle } from '../base/handle.ts';
import { Clsact } from '../ingress.ts';
import type { PacketMatch } from '../filter/match.ts';
import { describeFilter } from './describe-filter.ts';
import { allQdiscs, qdiscOf } from './find.ts';

/** The minor numbers of what comes and of what leaves. @kernel include/uapi/linux/pkt_sched.h TC_H_MIN_INGRESS, TC_H_MIN_EGRESS */
const TC_H_MIN_INGRESS = 0xfff2;
const TC_H_MIN_EGRESS = 0xfff3;

/** A filter as one asks for it. */
export interface FilterSpec extends Omit<PacketFilter, 'classid' | 'match'> {
  /**
   * The discipline whose packets it sees; `ffff:` is that of reception. With `clsact`, `ffff:fff2` is what the device receives
   * and `ffff:fff3` what it sends.
   */
  parent: Handle;
  match?: PacketMatch;
  classid?: Handle;
}

/** The filters of a device's disciplines. @kernel net/sched/cls_api.c tc_new_tfilter() */
export class TcFilters {
  readonly #dev: NetDevice;

  constructor(dev: NetDevice) {
    this.#dev = dev;
  }

  /** Returns what takes it away again. */
  add({ parent, classid, ...filter }: FilterSpec): Undo {
    onlyNames('a filter', { prio: true, protocol: true, match: true, actions: true }, filter);
    const handle = parseHandle(parent);
    const qdisc = qdiscOf(this.#dev, handle);
    const chain = this.#chain(handle);
    // Every packet has to be asked about from now on.
    qdisc.flags &= ~TCQ_F_CAN_BYPASS;
    return chain.add({ ...filter, ...(classid !== undefined && { classid: parseHandle(classid) }) });
  }

  /** Takes all filters away. */
  clear(parent: Handle): void {
    this.#chain(parseHandle(parent)).clear();
  }

  /** As `tc -s filter show` prints them, with how often each matched. */
  show(): string {
    const lines: string[] = [];
    for (const qdisc of allQdiscs(this.#dev)) {
      const inbound = qdisc instanceof Clsact ? qdisc.handle + TC_H_MIN_INGRESS : qdisc.handle;
      for (const filter of qdisc.filters?.filters ?? []) lines.push(describeFilter(inbound, filter));
      if (!(qdisc instanceof Clsact)) continue;
      for (const filter of qdisc.egressFilters.filters)
        lines.push(describeFilter(qdisc.handle + TC_H_MIN_EGRESS, filter));
    }
    return lines.join('\n');
  }

  #chain(handle: number): FilterChain {
    const qdisc = qdiscOf(this.#dev, handle);
    const { kind, filters } = qdisc;
    if (qdisc instanceof Clsact && minorOf(handle) === TC_H_MIN_EGRESS) return qdisc.egressFilters;
    if (filters !== undefined) return filters;
    const remedy = 'give them to one with classes or flows: prio, drr, htb, fq_codel, cake, ingress, clsact';
    throw new StackError('ERR_STACK_FILTER_PARENT', `${kind} takes no filters`, remedy);
  }
}
