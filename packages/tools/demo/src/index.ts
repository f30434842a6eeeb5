/**
 * The start program, step by step, for programs and tests.
 *
 * ```ts
 * const facts = await run(options(['--bytes', '1000000', '--json']));
 * console.log(facts.ok, facts.bulk.megabytesPerSecond, facts.badCable.identical);
 * ```
 *
 * @packageDocumentation
 */
export { badCable, type BadCableFacts } from './bad-cable.ts';
export { bulk, type BulkFacts } from './bulk.ts';
export type { Counters } from './counters.ts';
export { firstSegment, type WalkFacts } from './first-segment.ts';
export { showHosts } from './hosts.ts';
export { options, USAGE, type Options } from './options.ts';
export { pair, type Pair } from './pair.ts';
export { run, type Facts } from './run.ts';
export { say, type Say } from './say.ts';
export type { Transfer } from './transfer.ts';
