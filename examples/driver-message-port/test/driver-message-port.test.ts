import { MessageChannel } from 'node:worker_threads';
import { once } from 'node:events';
import { createLab, inet } from '@stack/host';
import { driverContract, type DriverWire } from '@stack/testing';
import { expect, test } from 'vitest';
import { messagePort, type FramePort } from '../src/index.ts';

function portWire(): DriverWire {
  const { port1, port2 } = new MessageChannel();
  const sent: Uint8Array[] = [];
  port2.on('message', (frame: Uint8Array) => sent.push(frame));
  return {
    sent,
    plugIn: (slot) => messagePort({ port: port1 as unknown as FramePort }).plugIn(slot),
    deliver: (frame) => port2.postMessage(frame),
    settle: () => new Promise((resolve) => setTimeout(resolve, 20)),
    close: () => port1.close(),
  };
}

driverContract('message-port', portWire);

test('two hosts talk over a channel, in real time', async () => {
  const { port1, port2 } = new MessageChannel();
  const lab = createLab({ checking: true });
  const [left, right] = [port1, port2].map((port, i) => {
    const device = messagePort({ port: port as unknown as FramePort, address: `10.0.0.${i + 1}/24` });
    return lab.host({ name: `host${i}`, use: inet(), devices: { eth0: device } });
  });
  const server = left!.net.createServer((socket) => socket.end('hello over there')).listen(80);
  const socket = right!.net.connect(80, '10.0.0.1');
  let heard = '';
  socket.on('data', (chunk: Uint8Array) => (heard += String(chunk)));
  await once(socket, 'close');
  expect(heard).toBe('hello over there');
  server.close();
  lab.close();
  port1.close();
});
