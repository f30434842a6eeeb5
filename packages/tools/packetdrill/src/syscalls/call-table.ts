import type { Arguments } from './arguments.ts';
import type { Outcome } from './outcome.ts';

export type Answer = number | Outcome;

/** System calls by name. One that may block answers with a promise. */
export type CallTable = Readonly<Record<string, (args: Arguments) => Answer | Promise<Answer>>>;
