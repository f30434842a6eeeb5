import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../building.ts';

/** Runs vitest with our reporter over one file of tests; answers its exit code and its last line. */
function runTests(source: string): { status: number | null; lastLine: string | undefined } {
  const folder = mkdtempSync(join(tmpdir(), 'closing-line-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.test.js'), source);
  const reporters = ['--reporter', 'default', '--reporter', `${root}/scripts/vitest-reporter.ts`];
  const args = ['run', '--root', folder, '--globals', ...reporters];
  const { status, stdout } = spawnSync(`${root}/node_modules/.bin/vitest`, args, { encoding: 'utf8' });
  return { status, lastLine: stdout.split('\n').at(-2) };
}

test('a run that passes', () => {
  expect(runTests(`test('a', () => {}); test('b', () => {});`)).toEqual({ status: 0, lastLine: '2 passed, 0 failed' });
});

test('a run that fails', () => {
  const source = `test('a', () => {}); describe('x', () => test('b', () => expect(1).toBe(2)));`;
  expect(runTests(source)).toEqual({ status: 1, lastLine: '1 passed, 1 failed' });
});

test('a file that does not load, and a file without tests, fail', () => {
  expect(runTests(`throw new Error('no');`)).toEqual({ status: 1, lastLine: '0 passed, 1 failed' });
  expect(runTests('')).toEqual({ status: 1, lastLine: '0 passed, 1 failed' });
});

test('an error outside of the tests fails the run', () => {
  const source = `test('a', () => {}); setTimeout(() => { throw new Error('late'); }); await new Promise((r) => setTimeout(r, 20));`;
  expect(runTests(source)).toMatchObject({ status: 1, lastLine: expect.stringMatching(/, [1-9]\d* failed$/) });
});
