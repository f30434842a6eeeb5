import { Arena, Memory } from '@stack/memory';
import { Container, type Plugin } from '@stack/plugin';
import { expect, it } from 'vitest';
import { skbs, Skbs } from '../src/index.ts';

it('gives a host buffers in the memory of its machine', () => {
  const arena = new Arena(1 << 20);
  const memory: Plugin = { name: 'machine', provide: (provider) => provider.bind(Memory, () => arena) };
  const host = new Container('alice');
  host.use([skbs(), memory]);
  const skb = host.get(Skbs).alloc(100)!;
  expect(skb.arena).toBe(arena);
  skb.consume();
  expect(arena.live).toBe(0);
});
