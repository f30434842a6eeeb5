/**
 * Trace points named after kernel functions, free when off, and the walk of one packet through them.
 *
 * ```ts
 * const recorder = new WalkRecorder(clock);
 * const remove = installTracer(recorder);
 * // ... packets flow ...
 * remove();
 * const first = recorder.find(({ fn }) => fn === 'tcp_sendmsg')!;
 * console.log(formatWalk(recorder.walk(first.id)));
 * ```
 *
 * @packageDocumentation
 */
export { formatWalk, type FormatOptions } from './format-walk.ts';
export {
  installTracer,
  NO_PACKET,
  trace,
  traceBorn,
  tracing,
  type TraceContext,
  type Tracer,
  type TraceSubject,
} from './tracing.ts';
export { WalkRecorder, type Step } from './walk-recorder.ts';
