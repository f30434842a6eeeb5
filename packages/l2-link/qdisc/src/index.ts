/**
 * Queueing disciplines: what waits in front of a device, in which order, and how much of it.
 *
 * ```ts
 * host.use([skbs(), softirqs({ name: 'alice' }), netdev(), pfifoFast(), pfifo()]);
 * replaceQdisc(eth0, 'pfifo', { limit: 100 }); // tc qdisc replace dev eth0 root pfifo limit 100
 * eth0.queues[0].qdisc!.drops;                 // tc -s qdisc show dev eth0
 * ```
 *
 * @packageDocumentation
 */
export type { FifoOptions } from './fifo.ts';
export { bfifo, pfifo, pfifoFast } from './plugin.ts';
