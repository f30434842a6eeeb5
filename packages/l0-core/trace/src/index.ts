/**
 * Trace points named after kernel functions, free when off.
 *
 * ```ts
 * const remove = installTracer({ hit: (fn, skb, note) => console.log(fn, skb.len, note), born() {} });
 * // ... packets flow ...
 * remove();
 * ```
 *
 * @packageDocumentation
 */
export {
  installTracer,
  trace,
  traceBorn,
  tracing,
  type TraceContext,
  type Tracer,
  type TraceSubject,
} from './tracing.ts';
