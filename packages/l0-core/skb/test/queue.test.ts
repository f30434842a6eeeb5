import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { SkbQueue, type SkBuff } from '../src/index.ts';
import { newPool } from './support.ts';

type Operation = (queue: SkbQueue, model: SkBuff[], fresh: () => SkBuff) => void;

const gone = (skb: SkBuff | null | undefined): void => skb?.consume();
const operations = fc.oneof(
  fc.constant<Operation>((queue, model, fresh) => {
    model.push(fresh());
    queue.push(model.at(-1)!);
  }),
  fc.constant<Operation>((queue, model, fresh) => {
    model.unshift(fresh());
    queue.unshift(model[0]);
  }),
  fc.constant<Operation>((queue, model) => {
    const skb = queue.shift();
    expect(skb).toBe(model.shift() ?? null);
    gone(skb);
  }),
  fc.constant<Operation>((queue, model) => {
    const skb = queue.pop();
    expect(skb).toBe(model.pop() ?? null);
    gone(skb);
  }),
  fc.nat().map<Operation>((at) => (queue, model, fresh) => {
    if (model.length === 0) return;
    const skb = fresh();
    queue.insertAfter(model[at % model.length], skb);
    model.splice((at % model.length) + 1, 0, skb);
  }),
  fc.nat().map<Operation>((at) => (queue, model) => {
    if (model.length === 0) return;
    const [skb] = model.splice(at % model.length, 1);
    queue.remove(skb);
    expect([skb.next, skb.prev]).toEqual([null, null]);
    gone(skb);
  }),
);

it('does what an array does', () => {
  const pool = newPool();
  fc.assert(
    fc.property(fc.array(operations, { maxLength: 60 }), (steps) => {
      const queue = new SkbQueue();
      const model: SkBuff[] = [];
      for (const step of steps) {
        step(queue, model, () => pool.alloc(1)!);
        expect(forwards(queue)).toEqual(model.map(({ id }) => id));
        expect(backwards(queue)).toEqual(model.map(({ id }) => id).reverse());
        expect([queue.length, queue.empty]).toEqual([model.length, model.length === 0]);
      }
      queue.purge();
    }),
  );
});

function forwards(queue: SkbQueue): number[] {
  const ids = [];
  for (let skb = queue.first; skb !== null; skb = skb.next) ids.push(skb.id);
  return ids;
}

function backwards(queue: SkbQueue): number[] {
  const ids = [];
  for (let skb = queue.last; skb !== null; skb = skb.prev) ids.push(skb.id);
  return ids;
}
