/**
 * What the packet path costs, measured against Node's own net in the same process.
 *
 * ```ts
 * const rate = await bulk(64).run(kernelLoopback()); // MB/s
 * ```
 *
 * @packageDocumentation
 */
export { kernelLoopback, stackOverCable, type Contender, type NetLike } from './contender.ts';
export { bulk, connectClose, held, pingPong, type Measurement } from './measurements.ts';
export { hookCost } from './hooks.ts';
export { qdiscCost, qdiscSubjects, type QdiscSubject } from './qdisc.ts';
