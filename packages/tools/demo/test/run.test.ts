import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture } from '@stack/pcap';
import { expect, onTestFinished, test } from 'vitest';
import type { Facts } from '../src/index.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** The program in a process of its own, from the sources. */
function start(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const node = ['--conditions=@stack/source', '--import', 'tsx', MAIN, ...args];
  return spawnSync(process.execPath, node, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'demo-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('ends by itself, prints one JSON object and leaves a capture', async () => {
  const file = join(await folder(), 'run.pcapng');
  const { status, stdout, stderr } = start('--json', '--bytes', '1000000', '--capture', file);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const facts = JSON.parse(stdout) as Facts;
  expect(Object.keys(facts)).toEqual(['ok', 'hosts', 'walk', 'bulk', 'badCable', 'capture']);
  expect(facts).toMatchObject({ ok: true, walk: { intact: true }, bulk: { intact: true, bytes: 1_000_000 } });
  expect(facts.badCable).toMatchObject({ intact: true, identical: true, bytes: 62_500, seed: 7 });
  const capture = await readFile(file);
  expect(facts.capture).toEqual({ file, bytes: capture.length });
  expect(readCapture(capture).packets.length).toBe(facts.badCable.frames - facts.badCable.lost);
});

test('prints the usage for an option that is none', () => {
  const { status, stdout, stderr } = start('--bytes', 'many');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('--bytes takes a whole number');
  expect(stderr).toContain('npm start -- [--bytes N]');
});
