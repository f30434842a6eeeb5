import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { parseIpv4 } from '@stack/ipv4';
import { SOCK_DGRAM } from '@stack/sock';
import { AF_INET } from '@stack/socket';
import { tracing } from '@stack/trace';
import { tracerContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { DropTracer } from '../src/index.ts';

tracerContract('drops', () => new DropTracer());

test('datagrams to a port that nobody has end in UDP, for want of a socket', () => {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable();
  lab.host({ name: 'server', use: inet(), devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) } });
  const client = lab.host({
    name: 'client',
    use: inet(),
    devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) },
  });
  const tracer = new DropTracer();
  for (let i = 0; i < 3; i++) {
    const fd = client.sockets.socket(AF_INET, SOCK_DGRAM);
    client.sockets.connect(fd, parseIpv4('10.0.0.1'), 7);
    client.sockets.send(fd, Uint8Array.of(i));
    clock.runFor(1e9);
  }
  tracer.stop();
  expect(tracer.endings).toContainEqual(expect.objectContaining({ host: 'server', reason: 'NO_SOCKET', packets: 3 }));
  expect(tracing.on).toBe(false);
  lab.close();
});
