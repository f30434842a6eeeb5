import { afterEach, expect, it, vi } from 'vitest';
import { installTracer, trace, traceBorn, tracing, type Tracer } from '../src/index.ts';

const packet = { id: 1, len: 60 };
const tracer = () => ({ hit: vi.fn<Tracer['hit']>(), born: vi.fn<Tracer['born']>() });
const removals: (() => void)[] = [];
const install = (tracer: Tracer): (() => void) => {
  removals.push(installTracer(tracer));
  return removals.at(-1)!;
};
afterEach(() => removals.splice(0).forEach((remove) => remove()));

it('is off until a tracer is installed, and again when it is removed', () => {
  expect(tracing.on).toBe(false);
  const remove = install(tracer());
  expect(tracing.on).toBe(true);
  remove();
  expect(tracing.on).toBe(false);
});

it('hands trace points and births to the tracer', () => {
  const { hit, born } = tracer();
  install({ hit, born });
  trace('ip_rcv', packet);
  trace('nf_hook_slow', packet, 'ACCEPT');
  const child = { id: 2, len: 60 };
  traceBorn(child, packet);
  expect(hit.mock.calls).toEqual([
    ['ip_rcv', packet, ''],
    ['nf_hook_slow', packet, 'ACCEPT'],
  ]);
  expect(born.mock.calls).toEqual([[child, packet]]);
});

it('does nothing when off, even where the key was not tested', () => {
  expect(() => {
    trace('ip_rcv', packet);
    traceBorn(packet, packet);
  }).not.toThrow();
});

it('has one tracer: a second one replaces the first, whose removal then changes nothing', () => {
  const [first, second] = [tracer(), tracer()];
  const removeFirst = install(first);
  install(second);
  removeFirst();
  trace('ip_rcv', packet);
  expect([first.hit.mock.calls.length, second.hit.mock.calls.length, tracing.on]).toEqual([0, 1, true]);
});
