import type { TcpOption } from '../language/script.ts';
import type { SeenOption } from '../packets/tcp-option-bytes.ts';

type Timestamps = Extract<TcpOption, { kind: 'TS' }>;

export function timestampsOf(options: readonly SeenOption[] | null): Timestamps | null {
  return options?.find((option): option is Timestamps => option.kind === 'TS') ?? null;
}

/** What the host's timestamps are called in the script: it writes values of its own, and echoes those. */
export class TimestampMap {
  #first: { readonly script: number; readonly live: number } | null = null;
  readonly #liveOf = new Map<number, number>();

  /** A packet went out with `live` where the script has `script`. Returns what the script should have. */
  sent(script: number, live: number): number {
    this.#first ??= { script, live };
    this.#liveOf.set(script, live);
    return (this.#first.script + (live - this.#first.live)) >>> 0;
  }

  /** What to echo for a value of the script; null when no packet had it. `scaled` computes it from the first one. */
  echo(script: number, scaled: boolean): number | null {
    if (scaled && this.#first !== null) return (this.#first.live + (script - this.#first.script)) >>> 0;
    return this.#liveOf.get(script) ?? null;
  }
}
