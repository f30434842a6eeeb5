/**
 * Queueing disciplines: what waits in front of a device, in which order, and how much of it.
 *
 * ```ts
 * host.use([skbs(), softirqs({ name: 'alice' }), netdev(), qdiscs()]);
 * tc(eth0).qdisc.replace({ root: true, handle: '1:', kind: 'htb', default: 0x20 });
 * tc(eth0).class.add({ parent: '1:', classid: '1:10', rate: '10mbit', ceil: '20mbit' });
 * tc(eth0).class.add({ parent: '1:', classid: '1:20', rate: '1mbit', ceil: '20mbit' });
 * tc(eth0).filter.add({ parent: '1:', match: flower({ dstPort: 80, proto: 'tcp' }), classid: '1:10' });
 * console.log(tc(eth0).show());
 * ```
 *
 * @packageDocumentation
 */
export { parseHandle, formatHandle, type Handle } from './base/handle.ts';
export type { LinkOverhead } from './base/rate.ts';
export type { Duration, Rate, Size } from './base/units.ts';
export type { AckFilter } from './cake/ack-filter.ts';
export type { Diffserv } from './cake/diffserv.ts';
export type { Isolation } from './cake/isolation.ts';
export type { CakeCells, CakeLinkOptions, LinkName } from './cake/link.ts';
export type { CakeOptions } from './cake/options.ts';
export type { CodelOptions } from './codel/codel.ts';
export type { CodelParams } from './codel/control.ts';
export type { DrrClassOptions } from './drr/class.ts';
export type { FifoOptions } from './fifo.ts';
export { drop, mirred, pass, skbedit, type MirredOptions } from './filter/actions.ts';
export { police, type Police, type PoliceOptions, type PoliceVerdict } from './filter/police.ts';
export { flower, type FlowerKeys } from './filter/flower.ts';
export type { PacketMatch } from './filter/match.ts';
export { u32, type U32Key } from './filter/u32.ts';
export type { FqCodelOptions } from './fq-codel/options.ts';
export type { FqOptions } from './fq/options.ts';
export type { HtbOptions } from './htb/htb.ts';
export type { HtbClassOptions } from './htb/params.ts';
export type { Distribution } from './netem/distribution.ts';
export type { FourStates, GilbertElliott } from './netem/loss.ts';
export type { NetemOptions } from './netem/options.ts';
export type { NetemSlot } from './netem/slot.ts';
export * from './plugin.ts';
export type { PrioOptions } from './prio.ts';
export type { RedOptions } from './red/red.ts';
export type { ClassSpec } from './tc/classes.ts';
export { describeClass, describeQdisc } from './tc/describe.ts';
export type { FilterSpec } from './tc/filters.ts';
export type { QdiscPlace, QdiscSpec } from './tc/qdiscs.ts';
export { tc, type TrafficControl } from './tc/tc.ts';
export type { TbfOptions } from './tbf.ts';
