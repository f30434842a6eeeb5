import type { Session } from '../run/session.ts';

/** One program of a pipeline, as it is started. */
export interface Invocation {
  readonly session: Session;
  readonly args: readonly string[];
  /** What the program in front of it in the pipeline has written. */
  readonly input: string;
}

/** How a program ended. */
export interface Ended {
  /** 0 when all went well. */
  readonly status: number;
  readonly output: string;
  /** What it had to say of a failure. */
  readonly error: string;
}

export type Program = (invocation: Invocation) => Ended;

export const DONE: Ended = { status: 0, output: '', error: '' };

export function printed(output: string): Ended {
  return { status: 0, output, error: '' };
}

export function failed(error: string, status = 1): Ended {
  return { status, output: '', error };
}

/** A program asks for what the host does not have. The text says what is missing. */
export class MissingFacility extends Error {}
