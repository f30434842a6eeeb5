/**
 * A mistake in how a host was put together or configured. It is thrown at once, before any packet flows,
 * and says what to do about it. Packets never throw and socket calls fail with an errno instead.
 */
export class StackError extends Error {
  /** Stable and machine-readable, for example `ERR_STACK_MISSING_SERVICE`. */
  readonly code: string;
  /** What the reader should change. */
  readonly remedy: string;

  constructor(code: string, problem: string, remedy: string) {
    super(`${problem}: ${remedy}`);
    this.name = 'StackError';
    this.code = code;
    this.remedy = remedy;
  }
}
