import type { LocalFile } from '../files/local-file.ts';

/** Descriptors as the script calls them, and what is behind them: the host's, or a file of the script. */
export class Descriptors {
  readonly #live = new Map<number, number>();
  readonly #files = new Map<number, LocalFile>();

  open(script: number, live: number): void {
    this.#live.set(script, live);
  }

  openFile(script: number, file: LocalFile): void {
    this.#files.set(script, file);
  }

  /** Whether nothing of the script stands for what was behind it any more. */
  close(script: number): boolean {
    const [live, file] = [this.#live.get(script), this.#files.get(script)];
    this.#live.delete(script);
    this.#files.delete(script);
    const stays = live === undefined ? [...this.#files.values()].includes(file!) : this.all.includes(live);
    return !stays;
  }

  /** Another name for the same. */
  duplicate(from: number, to: number): void {
    const [live, file] = [this.#live.get(from), this.#files.get(from)];
    if (live !== undefined) this.#live.set(to, live);
    if (file !== undefined) this.#files.set(to, file);
  }

  /** The host's, or -1, which is open nowhere. */
  live(script: number): number {
    return this.#live.get(script) ?? -1;
  }

  /** Null when it is none. */
  file(script: number): LocalFile | null {
    return this.#files.get(script) ?? null;
  }

  /** Those of the host that are open. */
  get all(): number[] {
    return [...this.#live.values()];
  }
}
