import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCapture } from '@stack/pcap';
import { describe, expect, onTestFinished, test } from 'vitest';
import { badCable, type Say } from '../src/index.ts';

const silent: Say = { interactive: false, heading() {}, line() {} };
const BYTES = 500_000;

test('the same seed gives the same capture, byte for byte', async () => {
  const { facts, capture } = await badCable(BYTES, 1, silent);
  expect(facts).toMatchObject({ identical: true, intact: true, bytes: BYTES, seed: 1 });
  expect(facts.captureSha256[0]).toBe(facts.captureSha256[1]);
  expect(facts.lost).toBeGreaterThan(0);
  expect(facts.reordered).toBeGreaterThan(0);
  expect(facts.retransmitted).toBeGreaterThan(0);
  expect(readCapture(capture).packets.length).toBe(facts.frames - facts.lost);
});

test('another seed gives another capture', async () => {
  const one = await badCable(BYTES, 1, silent);
  const other = await badCable(BYTES, 2, silent);
  expect(one.facts.captureSha256[0]).not.toBe(other.facts.captureSha256[0]);
});

const tshark = (...args: string[]) => spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 });

describe.skipIf(tshark('--version').status !== 0)('Wireshark', () => {
  test.each([1, 3, 5])('finds no malformed packet and no bad checksum with seed %i', async (seed) => {
    const { facts, capture } = await badCable(BYTES, seed, silent);
    const folder = await mkdtemp(join(tmpdir(), 'demo-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'demo.pcapng');
    await writeFile(file, capture);
    const checks = ['ip', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
    const lines = (filter: string): string[] => {
      const { status, stdout, stderr } = tshark('-r', file, '-n', ...checks, '-Y', filter);
      if (status !== 0) throw new Error(stderr);
      return stdout.split('\n').slice(0, -1);
    };
    expect(lines('tcp.checksum.status == 1 || arp').length).toBe(facts.frames - facts.lost);
    expect(lines('_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0')).toEqual([]);
  });
});
