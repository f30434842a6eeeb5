/** What a trace point says of a packet. SkBuff satisfies it; chips and cables, which have no skb, pass their own. */
export interface TraceSubject {
  /** Serial number of the buffer; clones and copies have their own, see {@link Tracer.born}. */
  readonly id: number;
  /** Bytes. */
  readonly len: number;
}

/** For trace points that concern all packets, or none: interrupts and polls. */
export const NO_PACKET: TraceSubject = { id: 0, len: 0 };

/** On which CPU of which host code runs, for the tracer's eyes. */
export interface TraceContext {
  readonly host: string;
  readonly cpu: number;
  /** `process`, `hardirq`, `softirq` or `ksoftirqd`. */
  readonly context: string;
}

/** Receives every trace point while it is installed. The subject may be kept only by number: buffers are reused. */
export interface Tracer {
  /** A packet entered `fn`, named as in the kernel; `note` is a verdict, a state or a reason. */
  hit(fn: string, subject: TraceSubject, note: string | number): void;
  /** A buffer that carries (part of) the packet of another one came to be. */
  born(child: TraceSubject, parent: TraceSubject): void;
}

interface Tracing {
  /** The static key: test it before every trace point, so that a point costs one load when off. */
  on: boolean;
  context: TraceContext;
  /** The serial number given last; whoever makes a {@link TraceSubject} takes the next one. */
  lastId: number;
}

const NOWHERE: TraceContext = { host: '', cpu: 0, context: 'process' };

/** Trace points read `on`, CPUs write `context`, makers of buffers count `lastId`. */
export const tracing: Tracing = { on: false, context: NOWHERE, lastId: 0 };

let installed: Tracer | null = null;

/**
 * A trace point. Always behind the key, so that it is free when off:
 *
 * ```ts
 * if (tracing.on) trace('ip_rcv', skb);
 * ```
 */
export function trace(fn: string, subject: TraceSubject, note: string | number = ''): void {
  installed?.hit(fn, subject, note);
}

/** The trace point of clone, copy and segmentation. */
export function traceBorn(child: TraceSubject, parent: TraceSubject): void {
  installed?.born(child, parent);
}

/** Installs a tracer for the whole process; the result removes it. One at a time: a second one replaces the first. */
export function installTracer(tracer: Tracer): () => void {
  installed = tracer;
  tracing.on = true;
  return () => {
    if (installed !== tracer) return;
    installed = null;
    tracing.on = false;
  };
}
