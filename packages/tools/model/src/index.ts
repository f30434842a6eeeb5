/**
 * Model checking of TCP: random programs on two hosts, bad networks and adversaries, in virtual time.
 *
 * ```ts
 * const report = check({ seed: 1, runs: 1000 });
 * report.failures;  // [], or seeds with what went wrong and a capture of it
 * runSeed(17);      // throws what went wrong, if anything did
 * drawScenario(17); // what that run does
 * ```
 *
 * @packageDocumentation
 */
export { check, replay, runSeed, type CheckOptions, type Failure, type Report } from './check.ts';
export type { Outcome } from './run.ts';
export { drawScenario } from './scenario/draw.ts';
export type { Act, Adversary, Opening, Path, Plan, Scenario, SocketOption } from './scenario/scenario.ts';
export { Violation } from './violation.ts';
