import { once } from 'node:events';
import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { hookContract, queueContract, udpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import { rewriteText } from '../src/index.ts';

const polite = (text: string): Promise<string> => Promise.resolve(`${text}, please`);

hookContract('rewrite-text', () => rewriteText({ port: 53, rewrite: polite }), {
  packets: [['a datagram for it', udpFrame({ sourcePort: 9, destinationPort: 53, payload: 'go' })]],
  allocates: true, // a copy of each packet goes to the function
});

queueContract('rewrite-text', () => rewriteText({ port: 53, rewrite: polite }), { queue: 7 });

test('datagrams to the port arrive rewritten, others as they are', async () => {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ delay: '1ms' });
  const use = [...inet(), rewriteText({ port: 7, rewrite: polite })];
  const server = lab.host({ name: 'server', use, devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) } });
  const device = e1000({ port: cable.b, address: '10.0.0.2/24' });
  const client = lab.host({ name: 'client', use: inet(), devices: { eth0: device } });
  const sender = client.dgram.createSocket('udp4');
  for (const [port, expected] of [
    [7, 'close the door, please'],
    [8, 'close the door'],
  ] as const) {
    const receiver = server.dgram.createSocket('udp4');
    receiver.bind(port);
    const message = once(receiver, 'message');
    sender.send('close the door', port, '10.0.0.1');
    const [bytes] = await clock.settle(message);
    expect(String(bytes)).toBe(expected);
    receiver.close();
  }
  sender.close();
  clock.runFor(1e9);
  lab.close();
});
