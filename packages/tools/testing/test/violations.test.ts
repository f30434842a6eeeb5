import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Runs the contracts over plugins that break them, each in one way, and looks at what the tests say. */
const root = fileURLToPath(new URL('../../../..', import.meta.url));
const folder = mkdtempSync(`${tmpdir()}/violations-`);
const failures = new Map<string, string>();

interface Assertion {
  ancestorTitles: string[];
  title: string;
  status: string;
  failureMessages: string[];
}

beforeAll(() => {
  const report = `${folder}/report.json`;
  const args = [
    'vitest',
    'run',
    '--config',
    'packages/tools/testing/test/violations/vitest.config.ts',
    '--reporter=json',
  ];
  spawnSync('npx', [...args, `--outputFile=${report}`], { cwd: root, encoding: 'utf8' });
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: Assertion[] }[];
  };
  for (const { ancestorTitles, title, status, failureMessages } of testResults.flatMap(
    (file) => file.assertionResults,
  )) {
    if (status === 'failed') failures.set(`${ancestorTitles.join(' ')}: ${title}`, failureMessages.join('\n'));
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** What was said about a plugin. */
const said = (plugin: string): string =>
  [...failures]
    .filter(([name]) => name.startsWith(`${plugin}:`))
    .map(([, text]) => text)
    .join('\n');

describe.each([
  ['the hook without undo', 'attach has to return the undo of register'],
  ['the hook without verdict', 'hook without verdict of without verdict failed: it answered undefined'],
  ['the hook throwing', 'hook throwing of throwing failed: I do not know ICMP'],
  ['the hook hoarding', 'held by hook hoarding of hoarding, which said NF_STOLEN'],
  ['the hook freeing', 'it freed the packet and said ACCEPT'],
  ['the hook scribbling', 'which is shared: call skbEnsureWritable first'],
  ['the hook hasty', 'it reads what is not linear; call mayPull first'],
  ['the hook wasteful', 'bytes of garbage for each packet'],
  ['the congestion control greedy', 'congAvoid grew the window by'],
  ['the congestion control fractional', 'whole segments, 2 or more'],
  ['the congestion control stubborn', 'a loss grows nothing'],
  ['the congestion control forgetful', 'undoCwnd answered 1 at a window of'],
  ['the congestion control mixing', 'what it remembers belongs in sk.cc.priv'],
  ['the congestion control wasteful', 'bytes of garbage for each ACK'],
  ['the driver leaking', 'the driver frees a packet once it is sent'],
  ['the driver without address', 'the device has no address'],
  ['the driver not counting', 'txPackets'],
  ['the driver in the wrong context', 'packets go up in softirq context'],
  ['the driver keeping what it was lent', 'copy what you keep'],
  ['the driver out of order', 'frames changed places'],
  ['the driver forgetting fragments', 'all fragments count'],
  ['the protocol leaking', 'packet buffers are still alive'],
  ['the protocol throwing', 'protocol throwing of throwing failed'],
  ['the protocol without undo', 'attach has to return the undo of add'],
  ['the protocol freeing errors', 'not the error handler'],
  ['the protocol writing into errors', 'the error handler wrote into the message'],
  ['the qdisc losing', 'packets did not come out'],
  ['the qdisc miscounting', 'steps: use enqueued, dequeued and drop'],
  ['the qdisc silent', 'treeReduceBacklog for what vanishes otherwise'],
  ['the qdisc surprising', 'dequeue does not give what peek showed'],
  ['the qdisc keeping', 'reset kept packets'],
  ['the qdisc boundless', 'above the limit'],
  ['the qdisc ticking', 'destroy lets go of timers'],
  ['the qdisc wasteful', 'bytes of garbage for each packet'],
  ['the qdisc misnamed', 'kind is what users ask for'],
])('%s', (plugin, reason) => {
  test('is told what is wrong', () => expect(said(plugin)).toContain(reason));
});

test.each(['the driver all right', 'the protocol all right', 'the qdisc all right'])('%s fails no test', (plugin) => {
  expect(said(plugin)).toBe('');
});
