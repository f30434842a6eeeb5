import { runScript, type RunOptions } from '../run/run-script.ts';
import { failureText } from './failure.ts';

/** What vitest asks of a matcher. */
export interface MatcherResult {
  pass: boolean;
  message(): string;
}

/**
 * For `expect` of vitest: `expect.extend(packetdrillMatchers)`, then `await expect(script).toPass()`. Packet memory is
 * checked for misuse and leaks.
 */
export const packetdrillMatchers = {
  async toPass(script: string, options: RunOptions = {}): Promise<MatcherResult> {
    const { failure } = await runScript(script, { checking: true, ...options });
    return {
      pass: failure === null,
      message: () => (failure === null ? 'the script passes, and should not' : failureText('script', failure)),
    };
  },
};

/** How TypeScript learns of it: `declare module 'vitest' { interface Matchers<T> extends PacketdrillMatchers<T> {} }`. */
export interface PacketdrillMatchers<T> {
  /** Runs the text of a script. Never forget the await. */
  toPass(options?: RunOptions): Promise<T>;
}
