import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommandLine } from '../src/cli/command-line.ts';
import { SERVER } from './server.ts';

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packetdrill-'));
  said = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void said.push(text));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function script(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

test('0 when all pass, 1 when one does not, with the line', async () => {
  const good = script('good.pkt', SERVER);
  const bad = script('bad.pkt', `${SERVER}+0 write(4, ..., 100) = 7`);
  expect(await runCommandLine([good])).toBe(0);
  expect(await runCommandLine([good, bad])).toBe(1);
  expect(said.join('\n')).toContain(`ok ${good}`);
  expect(said.join('\n')).toContain(
    `FAILED ${bad}:8: +0 write(4, ..., 100) = 7\n  expected 7, the call returned 100\n  packets around it:\n    0.000000 `,
  );
  expect(said.at(-1)).toBe('1 passed, 1 failed');
});

test('options and symbols', async () => {
  const file = script('symbol.pkt', `${SERVER}+0 write(4, ..., 100) = COUNT\n+.005 > P. 1:101(100) ack 1`);
  expect(await runCommandLine(['-D', 'COUNT=100', '--tolerance_usecs=5000', file])).toBe(0);
  expect(await runCommandLine(['-D', 'COUNT=100', file])).toBe(1);
});

test('2 for a command line that makes no sense', async () => {
  expect(await runCommandLine([])).toBe(2);
  expect(await runCommandLine(['--no-such-thing', 'x.pkt'])).toBe(2);
  expect(said.join('\n')).toContain('packetdrill [options] FILE.pkt');
});

test('a file that is not there fails', async () => {
  expect(await runCommandLine([join(folder, 'none.pkt')])).toBe(1);
});
