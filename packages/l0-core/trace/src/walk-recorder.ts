import type { Clock, Nanoseconds } from '@stack/clock';
import { tracing, type Tracer, type TraceSubject } from './tracing.ts';

/** One trace point that a packet passed. */
export interface Step {
  readonly time: Nanoseconds;
  readonly host: string;
  readonly cpu: number;
  /** `process`, `hardirq`, `softirq` or `ksoftirqd`. */
  readonly context: string;
  /** The kernel's name of the function. */
  readonly fn: string;
  /** Serial number of the buffer, and its bytes. */
  readonly id: number;
  readonly len: number;
  readonly note: string | number;
}

/**
 * Records every trace point into arrays made beforehand, so that recording disturbs little. When they are full it stops
 * and counts what it {@link missed}.
 */
export class WalkRecorder implements Tracer {
  /** Trace points that came when there was no more room. */
  missed = 0;
  readonly #clock: Pick<Clock, 'look'>;
  readonly #capacity: number;
  #length = 0;
  #births = 0;
  readonly #time: Float64Array;
  readonly #cpu: Int32Array;
  readonly #id: Int32Array;
  readonly #len: Int32Array;
  readonly #host: string[];
  readonly #context: string[];
  readonly #fn: string[];
  readonly #note: (string | number)[];
  readonly #child: Int32Array;
  readonly #parent: Int32Array;

  /** @param capacity - trace points, and births of buffers, for which there is room. */
  constructor(clock: Pick<Clock, 'look'>, capacity = 65_536) {
    this.#clock = clock;
    this.#capacity = capacity;
    this.#time = new Float64Array(capacity);
    this.#cpu = new Int32Array(capacity);
    this.#id = new Int32Array(capacity);
    this.#len = new Int32Array(capacity);
    this.#host = new Array<string>(capacity).fill('');
    this.#context = new Array<string>(capacity).fill('');
    this.#fn = new Array<string>(capacity).fill('');
    this.#note = new Array<string | number>(capacity).fill('');
    this.#child = new Int32Array(capacity);
    this.#parent = new Int32Array(capacity);
  }

  /** Trace points recorded. */
  get length(): number {
    return this.#length;
  }

  hit(fn: string, subject: TraceSubject, note: string | number): void {
    if (this.#length === this.#capacity) {
      this.missed++;
      return;
    }
    const { host, cpu, context } = tracing.context;
    const i = this.#length++;
    this.#time[i] = this.#clock.look();
    this.#host[i] = host;
    this.#cpu[i] = cpu;
    this.#context[i] = context;
    this.#fn[i] = fn;
    this.#id[i] = subject.id;
    this.#len[i] = subject.len;
    this.#note[i] = note;
  }

  born(child: TraceSubject, parent: TraceSubject): void {
    if (this.#births === this.#capacity) {
      this.missed++;
      return;
    }
    const i = this.#births++;
    this.#child[i] = child.id;
    this.#parent[i] = parent.id;
  }

  step(index: number): Step {
    return {
      time: this.#time[index],
      host: this.#host[index],
      cpu: this.#cpu[index],
      context: this.#context[index],
      fn: this.#fn[index],
      id: this.#id[index],
      len: this.#len[index],
      note: this.#note[index],
    };
  }

  /** The first step for which `wanted` is true: its `id` is what {@link walk} takes. */
  find(wanted: (step: Step) => boolean): Step | undefined {
    for (let i = 0; i < this.#length; i++) {
      const step = this.step(i);
      if (wanted(step)) return step;
    }
    return undefined;
  }

  /** All steps of a buffer and of those that were made from it: clones, copies, segments, frames. In order of time. */
  walk(id: number): Step[] {
    const family = this.#familyOf(id);
    const steps: Step[] = [];
    for (let i = 0; i < this.#length; i++) if (family.has(this.#id[i])) steps.push(this.step(i));
    return steps;
  }

  /** Forgets everything. */
  clear(): void {
    this.#length = this.#births = this.missed = 0;
  }

  /** Births come in order of time, so that a child is seen after its parent. */
  #familyOf(id: number): Set<number> {
    const family = new Set([id]);
    for (let i = 0; i < this.#births; i++) if (family.has(this.#parent[i])) family.add(this.#child[i]);
    return family;
  }
}
