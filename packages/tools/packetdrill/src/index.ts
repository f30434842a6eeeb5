/**
 * Runs scripts of the packetdrill language against the stack: in one process, in virtual time, without root.
 *
 * ```ts
 * const { ok, failure } = await runScript(`
 *   0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
 *   +0 bind(3, ..., ...) = 0
 *   +0 listen(3, 1) = 0
 *   +0 < S 0:0(0) win 32792 <mss 1000>
 *   +0 > S. 0:0(0) ack 1 <mss 1460>
 * `);
 * if (failure !== null) console.log(failureText('handshake', failure));
 *
 * expect.extend(packetdrillMatchers); // in a test
 * await expect(script).toPass();
 * ```
 *
 * @packageDocumentation
 */
export { parseScript } from './language/parser.ts';
export type * from './language/script.ts';
export { ScriptError, Unsupported } from './language/script-error.ts';
export { failureText, type Failure, type RunResult } from './report/failure.ts';
export { packetdrillMatchers, type MatcherResult, type PacketdrillMatchers } from './report/matcher.ts';
export { runScript, type RunOptions } from './run/run-script.ts';
