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
}, 300_000);

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
  ['the hook asking', 'a hook of asking called a socket (udp_send_skb) at a packet of 48 bytes'],
  ['the hook wasteful', 'bytes of garbage for each packet'],
  ['the congestion control greedy', 'congAvoid grew the window by'],
  ['the congestion control fractional', 'whole segments, 2 or more'],
  ['the congestion control stubborn', 'a loss grows nothing'],
  ['the congestion control forgetful', 'undoCwnd answered 1 at a window of'],
  ['the congestion control mixing', 'what it remembers belongs in sk.cc.priv'],
  ['the congestion control wasteful', 'bytes of garbage for each ACK'],
  ['the congestion control asking', 'ssthresh called a socket (udp_send_skb): ACKs come in softirq context'],
  ['the congestion control watching the clock', "congAvoid used performance.now instead of the host's Clock"],
  ['the driver leaking', 'the driver frees a packet once it is sent'],
  ['the driver without address', 'the device has no address'],
  ['the driver not counting', 'txPackets'],
  ['the driver in the wrong context', 'packets go up in softirq context'],
  ['the driver keeping what it was lent', 'copy what you keep'],
  ['the driver silent about time', 'call skbTxTimestamp for what the device takes'],
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
  ['the qdisc asking', 'the qdisc asking called a socket (udp_send_skb) at enqueue: in softirq context'],
  ['the qdisc dicing', "the qdisc dicing used Math.random instead of the host's Random at dequeue"],
  ['the qdisc sending', 'it gave packets to the device'],
  ['the qdisc misnamed', 'kind is what users ask for'],
  ['the policy without undo', 'attach has to return the undo of add'],
  ['the policy vague', 'a policy says true or false'],
  ['the policy throwing', 'policy throwing (in) threw at an echo request: I do not know ICMP'],
  ['the policy freeing', 'which is not its own: it only reads'],
  ['the policy scribbling', 'it only reads'],
  ['the policy busy', 'it is asked on the packet path, and sends from a timer'],
  ['the policy registering', 'policy registering (in) registered the hook another at a SYN: in softirq'],
  ['the policy asking', 'called a socket (udp_send_skb) at a SYN: in softirq'],
  ['the policy plugging', 'set up or shut another0 at a SYN: in softirq'],
  ['the policy hasty', 'it reads what is not linear; call mayPull first'],
  ['the policy wasteful', 'bytes of garbage for each packet'],
  ['the egress program without undo', 'attach has to return the undo of add'],
  ['the egress program vague', 'NET_XMIT_SUCCESS, NET_XMIT_CN or a negative errno'],
  ['the egress program throwing', 'threw at an echo request'],
  ['the egress program keeping', 'who is asked remembers numbers, not packets'],
  ['the egress program freeing', 'which is not its own: it only reads'],
  ['the egress program freeing twice', 'freeing twice failed: consume() of a packet buffer that was freed'],
  ['the egress program marking', 'changed mark of a SYN: it only reads'],
  ['the egress program sending', 'it is asked on the packet path, and sends from a timer'],
  ['the egress program registering', 'egress program registering registered the hook another at a SYN'],
  ['the egress program asking', 'egress program asking called a socket (udp_send_skb) at a SYN'],
  ['the egress program hasty', 'it reads what is not linear; call mayPull first'],
  ['the egress program scribbling', 'it only reads'],
  ['the egress program moving', 'moved data or tail of'],
  ['the egress program wasteful', 'bytes of garbage for each packet'],
  ['the socket filter vague', 'whole bytes that the socket hears'],
  ['the socket filter freeing', 'which is not its own: it only reads'],
  ['the socket filter keeping', 'who is asked remembers numbers, not packets'],
  ['the socket filter scribbling', 'it only reads'],
  ['the socket filter rerouting', 'changed priority of a SYN: it only reads'],
  ['the socket filter sending', 'it is asked on the packet path, and sends from a timer'],
  ['the socket filter asking', 'socket filter asking called a socket (udp_send_skb) at a SYN'],
  ['the socket filter hasty', 'it reads what is not linear; call mayPull first'],
  ['the socket filter trimming', 'moved data or tail of'],
  ['the socket filter throwing', 'too long for me'],
  ['the socket filter wasteful', 'bytes of garbage for each packet'],
  ['the packet type without undo', 'attach has to return the undo of add'],
  ['the packet type hoarding', 'packet buffers are still alive'],
  ['the packet type freeing twice', 'of a packet buffer that was freed'],
  ['the packet type throwing', 'leaves the buffer'],
  ['the packet type greedy', 'call skbShareCheck first'],
  ['the packet type scribbling', 'it wrote into a frame that others read too'],
  ['the packet type asking', 'packet type asking called a socket (udp_send_skb) at a frame of 1500 bytes'],
  ['the packet type plugging', 'packet type plugging set up or shut another0 at a frame of 1500 bytes'],
  ['the packet type registering', 'packet type registering registered the packet type another at a frame'],
  ['the packet type wasteful', 'bytes of garbage for each frame'],
  ['the neighbour protocol mute', 'the client knows nothing of the server'],
  ['the neighbour protocol lying', 'it knows of a host that does not exist'],
  ['the neighbour protocol stubborn', 'what comes from the wire is no NUD_PERMANENT'],
  ['the neighbour protocol restless', 'attach has to return an undo that cancels its timers'],
  [
    'the neighbour protocol registering',
    'registered the hook another at a timer: in softirq context nothing may sleep',
  ],
  ['the neighbour protocol freeing', 'of a packet buffer that was freed'],
  ['the packet type asking around', 'packet type asking around called a socket (udp_send_skb) at a frame'],
  ['the tracer missing', 'make has to call installTracer'],
  ['the tracer endless', 'stop has to call what installTracer returned'],
  ['the tracer throwing', 'it threw at'],
  ['the tracer hoarding', 'buffers are used again, keep their id'],
  ['the tracer meddling', 'with the tracer, the run was another one'],
  ['the tracer freeing', 'of a packet buffer that was freed: read it before'],
  ['the tracer cloning', 'with the tracer, the run failed: 6 packet buffers are still alive'],
  ['the tracer sending', 'it frees, keeps, changes and sends nothing'],
  ['the tracer multiplying', 'it installed another tracer at a trace point'],
  ['the tracer wasteful', 'bytes of garbage at each trace point'],
  ['the queue handler without undo', 'attach has to return an undo that closes the queue'],
  ['the queue handler forgetful', 'packets got no answer: each needs one'],
  ['the queue handler throwing', 'of throwing failed: I do not know ICMP'],
  ['the queue handler scribbling', 'it wrote into a packet that is shared'],
  ['the queue handler careless', 'call ip.sendCheck after writing'],
  ['the queue handler freeing', 'of a packet buffer that was freed'],
  ['the queue handler keeping', 'it keeps a packet that goes on: take what is needed of it, and let it go'],
  ['the queue handler stealing', 'packet buffers are still alive'],
  ['the queue handler asking', 'the queue handler of asking called a socket (udp_send_skb) at a SYN'],
  ['the queue handler registering', 'the queue handler of registering registered the hook another at a SYN'],
  ['the queue handler rejecting', 'of rejecting failed: I do not know ICMP'],
  ['the queue handler vague', 'of vague failed: it answered yes'],
])('%s', (plugin, reason) => {
  test('is told what is wrong', () => expect(said(plugin)).toContain(reason));
});

test.each([
  'the driver all right',
  'the egress program all right',
  'the neighbour protocol all right',
  'the packet type all right',
  'the policy all right',
  'the protocol all right',
  'the qdisc all right',
  'the queue handler all right',
  'the queue handler all right and slow',
  'the queue handler all right and asking',
  'the socket filter all right',
  'the tracer all right',
])('%s fails no test', (plugin) => {
  expect(said(plugin)).toBe('');
});
