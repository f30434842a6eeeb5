import { installTracer, tracing, type TraceSubject } from '@stack/trace';

/** Packets that ended for one reason after one function, on one host. */
export interface Ending {
  readonly host: string;
  /** The last function that saw the packet, by the kernel's name. */
  readonly after: string;
  readonly reason: string;
  readonly packets: number;
}

/** Counts where packets are dropped, from now until {@link stop}. One tracer runs at a time. */
export class DropTracer {
  readonly #last = new Map<number, string>();
  readonly #counts = new Map<string, number>();
  readonly stop: () => void;

  constructor() {
    this.stop = installTracer({
      hit: (fn, subject, note) => this.#hit(fn, subject, String(note)),
      born: (child, parent) => this.#last.set(child.id, this.#last.get(parent.id) ?? ''),
    });
  }

  get endings(): Ending[] {
    return [...this.#counts]
      .map(([key, packets]) => {
        const [host = '', after = '', reason = ''] = key.split('\t');
        return { host, after, reason, packets };
      })
      .sort((a, b) => b.packets - a.packets);
  }

  #hit(fn: string, { id }: TraceSubject, note: string): void {
    if (fn !== 'kfree_skb') {
      this.#last.set(id, fn);
      return;
    }
    const key = `${tracing.context.host}\t${this.#last.get(id) ?? ''}\t${note}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#last.delete(id);
  }
}
