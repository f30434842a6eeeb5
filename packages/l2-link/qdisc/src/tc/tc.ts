import type { NetDevice, Qdisc } from '@stack/netdev';
import { TcClasses } from './classes.ts';
import { describeQdisc } from './describe.ts';
import { TcFilters } from './filters.ts';
import { allQdiscs } from './find.ts';
import { TcQdiscs } from './qdiscs.ts';

/** What {@link tc} gives: the traffic control of one device. */
export interface TrafficControl {
  readonly qdisc: TcQdiscs;
  readonly class: TcClasses;
  readonly filter: TcFilters;
  /** All disciplines that somebody named, and the root. */
  list(): readonly Qdisc[];
  /** These, with options and counters, as `tc -s qdisc show` prints them. */
  show(): string;
}

/**
 * Traffic control of a device, with the words of the program `tc`.
 *
 * ```ts
 * tc(eth0).qdisc.replace({ root: true, handle: '1:', kind: 'htb', default: 0x10 });
 * tc(eth0).class.add({ parent: '1:', classid: '1:10', rate: '10mbit', ceil: '20mbit' });
 * tc(eth0).qdisc.add({ parent: '1:10', kind: 'fq_codel' });
 * console.log(tc(eth0).show());
 * ```
 *
 * Throws a StackError for what makes no sense; then nothing has changed.
 */
export function tc(dev: NetDevice): TrafficControl {
  const list = (): Qdisc[] =>
    [...allQdiscs(dev)].filter(
      (qdisc) => qdisc.handle !== 0 || qdisc.parentQdisc === null || qdisc.parentQdisc.kind === 'mq',
    );
  return {
    qdisc: new TcQdiscs(dev),
    class: new TcClasses(dev),
    filter: new TcFilters(dev),
    list,
    show: () => list().map(describeQdisc).join('\n'),
  };
}
