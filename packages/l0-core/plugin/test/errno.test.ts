import { constants } from 'node:os';
import { expect, it } from 'vitest';
import * as plugin from '../src/index.ts';

const ours = Object.entries(plugin).filter(([name, value]) => /^E[A-Z0-9]+$/.test(name) && typeof value === 'number');

it('numbers are those of Linux', () => {
  expect(ours.length).toBeGreaterThan(40);
  if (process.platform !== 'linux') return;
  const known = constants.errno as Record<string, number>;
  for (const [name, number] of ours) if (name in known) expect({ [name]: number }).toEqual({ [name]: known[name] });
});

it('names are found by number, negated as calls return them', () => {
  for (const [name, number] of ours) expect(plugin.errnoName(-number)).toBe(name);
  expect(plugin.errnoName(11)).toBe('EAGAIN');
  expect(plugin.errnoName(9999)).toBe('E9999');
});
