/** Descriptors as the script calls them, and as the host does. */
export class Descriptors {
  readonly #live = new Map<number, number>();

  open(script: number, live: number): void {
    this.#live.set(script, live);
  }

  close(script: number): void {
    this.#live.delete(script);
  }

  /** The host's, or -1, which is open nowhere. */
  live(script: number): number {
    return this.#live.get(script) ?? -1;
  }

  /** Those of the host that are open. */
  get all(): number[] {
    return [...this.#live.values()];
  }
}
