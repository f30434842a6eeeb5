import { expect, test } from 'vitest';
import { runScript } from '../src/index.ts';
import { mutationsOf } from './mutations.ts';
import { ourScripts } from './our-scripts.ts';

const scripts = ourScripts
  .map(([name, text]) => [name, mutationsOf(text)] as const)
  .filter(([, all]) => all.length > 0);

test('most scripts have lines to change', () => {
  expect(scripts.length).toBeGreaterThan(100);
});

test.each(scripts)('%s with a mistake in any line fails', async (_, mutations) => {
  for (const { name, text } of mutations) {
    const { failure } = await runScript(text);
    expect(failure, name).not.toBeNull();
    expect(failure!.unsupported, `${name}: ${failure!.message}`).toBe(false);
  }
});
