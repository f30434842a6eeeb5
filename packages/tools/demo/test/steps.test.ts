import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { bulk, firstSegment, pair, showHosts, type Pair, type Say } from '../src/index.ts';

/** Collects what is said. */
function listener(): Say & { text: string } {
  return {
    text: '',
    interactive: false,
    heading(text) {
      this.text += `${text}\n`;
    },
    line(text = '') {
      this.text += `${text}\n`;
    },
  };
}

function hosts(): Pair {
  const both = pair({ checking: true });
  onTestFinished(() => both.lab.close());
  return both;
}

test('hosts are shown with devices, addresses and routes', () => {
  const out = listener();
  const facts = showHosts(hosts(), out);
  expect(facts.map(({ name }) => name)).toEqual(['server', 'client']);
  expect(facts[0].devices.map(({ name, state }) => `${name} ${state}`)).toEqual(['lo UP', 'eth0 UP']);
  for (const word of ['10.0.0.1/24', '10.0.0.0/24 dev eth0 src 10.0.0.2', 'pfifo_fast'])
    expect(out.text).toContain(word);
});

test('the walk of a request goes from system call to system call', async () => {
  const out = listener();
  const facts = await firstSegment(hosts(), out);
  expect(facts.intact).toBe(true);
  expect(facts.bytes).toBe((await readFile(new URL('../../../../README.md', import.meta.url))).length);
  const way = facts.steps.map(({ host, fn }) => `${host} ${fn}`);
  expect(way[0]).toBe('client tcp_sendmsg');
  // The sender frees its buffer when its card says so, which may be later.
  expect(way.findLast((step) => step.startsWith('server'))).toBe('server tcp_recvmsg');
  const path = [
    'client tcp_transmit_skb',
    'client ip_output',
    'client e1000_tx_map',
    'server e1000_intr',
    'server tcp_v4_rcv',
  ];
  expect(way.filter((step) => path.includes(step))).toEqual(path);
  expect(way).toContain('server tcp_v4_early_demux');
  expect(way).not.toContain('server ip_route_input_noref'); // the connection knows the route
  expect(out.text).toContain('e1000_xmit_frame');
});

test('a large response is counted', async () => {
  const out = listener();
  const facts = await bulk(hosts(), 3_000_000, 1, out);
  expect(facts).toMatchObject({ intact: true, bytes: 3_000_000, retransmitted: 0 });
  expect(facts.receivedSha256).toBe(facts.sentSha256);
  expect(facts.serverSegments).toBeGreaterThan(3_000_000 / 1448);
  expect(facts.serverFrames).toBeGreaterThanOrEqual(facts.serverSegments);
  expect(facts.copiesPerByte).toBeGreaterThan(3);
  expect(facts.copiesPerByte).toBeLessThan(3.2);
  expect(facts.framesPerPacket).toBeGreaterThan(2);
  expect(facts.polls).toBeGreaterThan(0);
  expect(facts.interrupts).toBeGreaterThan(0);
  expect(out.text).toContain('3,000,000 bytes in one response');
});
