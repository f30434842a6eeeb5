import { expect, test } from 'vitest';
import './matcher.ts';
import { ourScripts } from './our-scripts.ts';

test('there are scripts', () => {
  expect(ourScripts.length).toBeGreaterThan(100);
});

test.each(ourScripts)('%s', async (_, text) => {
  await expect(text).toPass();
});
