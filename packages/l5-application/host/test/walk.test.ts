import { virtualClock } from '@stack/clock';
import { installTracer, WalkRecorder } from '@stack/trace';
import { expect, onTestFinished, test } from 'vitest';
import { createLab, e1000, inet, packetWalk, type Host, type Lab } from '../src/index.ts';
import type { Step } from '@stack/trace';

const ENDS = { from: 'client', to: 'server' };

interface Traced {
  readonly lab: Lab;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly recorder: WalkRecorder;
  readonly server: Host;
  readonly client: Host;
  readonly cable: ReturnType<Lab['cable']>;
}

function traced(): Traced {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ delay: '1ms' });
  const server = lab.host({
    name: 'server',
    use: inet(),
    devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) },
  });
  const client = lab.host({
    name: 'client',
    use: inet(),
    devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) },
  });
  const recorder = new WalkRecorder(clock);
  onTestFinished(installTracer(recorder));
  onTestFinished(() => lab.close());
  server.net.createServer((socket) => socket.resume()).listen(80);
  return { lab, clock, recorder, server, client, cable };
}

const names = (steps: readonly Step[], of: string): string[] =>
  steps.filter(({ host }) => host === of).map(({ fn }) => fn);

test('one walk through both hosts, the handshake left out', () => {
  const { clock, recorder, client } = traced();
  client.net.connect(80, '10.0.0.1').write('hello');
  clock.runFor(1e9);
  const steps = packetWalk(recorder, ENDS);
  expect(names(steps, 'client')[0]).toBe('tcp_sendmsg');
  for (const fn of ['ip_queue_xmit', 'dev_queue_xmit', 'e1000_xmit_frame'])
    expect(names(steps, 'client')).toContain(fn);
  const inward = names(steps, 'server');
  expect(inward[0]).toBe('e1000_intr');
  expect(inward.at(-1)).toBe('tcp_recvmsg');
  for (const fn of ['e1000_clean', 'eth_type_trans', 'ip_sublist_rcv', 'tcp_v4_rcv']) expect(inward).toContain(fn);
  expect(inward.filter((fn) => fn === 'tcp_v4_rcv')).toHaveLength(1);
  expect(steps.map(({ time }) => time)).toEqual(steps.map(({ time }) => time).toSorted((a, b) => a - b));
});

test('a packet that is lost ends at the wire', () => {
  const { clock, recorder, client, cable } = traced();
  const socket = client.net.connect(80, '10.0.0.1');
  socket.on('error', () => {});
  clock.runFor(1e9);
  cable.configure({ loss: 1 });
  socket.write('hello');
  clock.runFor(1e9);
  const steps = packetWalk(recorder, ENDS);
  expect(names(steps, 'client')).toContain('e1000_xmit_frame');
  expect(names(steps, 'server')).toEqual([]);
});

test('no data, no walk', () => {
  const { recorder } = traced();
  expect(packetWalk(recorder, ENDS)).toEqual([]);
});
