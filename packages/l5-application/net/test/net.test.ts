import { Buffer } from 'node:buffer';
import { SEC } from '@stack/clock';
import { describe, expect, test } from 'vitest';
import { webStreams, type Server } from '../src/index.ts';
import { event, loopbackHost } from './loopback-host.ts';

type Failure = NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string };

const portOf = (server: Server): number => server.address()!.port;

describe('a connection', () => {
  test('carries more than any buffer holds, and both ends close', async () => {
    const { clock, net } = loopbackHost();
    const server = net.createServer((socket) => socket.pipe(socket)).listen(7);
    const socket = net.connect(7, 'me');
    const sent = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, i) => i * 7 + (i >> 8)));
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.end(sent);
    await clock.settle(event(socket, 'close'));
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    expect(socket.bytesRead).toBe(sent.length);
    expect(socket.bytesWritten).toBe(sent.length);
    server.close();
    await clock.settle(event(server, 'close'));
  });

  test('waits for a reader: the writer is told to stop, and goes on when the reader does', async () => {
    const { clock, net } = loopbackHost();
    const server = net.createServer().listen(7);
    const accepted = event<ReturnType<typeof net.connect>>(server, 'connection');
    const client = net.connect(7).resume();
    const peer = (await clock.settle(accepted)).pause();
    const total = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(1024 * 1024);
    let written = 0;
    const write = (): void => {
      while (written < total) {
        written += chunk.length;
        if (!client.write(chunk)) return void client.once('drain', write);
      }
      client.end();
    };
    write();
    clock.runFor(10 * SEC);
    expect(written).toBeLessThan(total);
    let read = 0;
    peer.on('data', (bytes: Buffer) => (read += bytes.length)).resume();
    await clock.settle(event(peer, 'end'));
    expect(read).toBe(total);
    peer.end();
    server.close();
    await clock.settle(event(server, 'close'));
  });

  test('times out when nothing happens, by the clock of the host', async () => {
    const { clock, net } = loopbackHost();
    const server = net.createServer((socket) => socket.resume()).listen(7);
    const socket = net.connect(7);
    await clock.settle(event(socket, 'connect'));
    const since = clock.now();
    socket.setTimeout(90_000);
    await clock.settle(event(socket, 'timeout'));
    expect(clock.now() - since).toBe(90 * SEC);
    socket.destroy();
    server.close();
    await clock.settle(event(server, 'close'));
  });

  test('is two WHATWG streams, too', async () => {
    const { clock, net } = loopbackHost();
    const server = net.createServer((socket) => socket.pipe(socket)).listen(7);
    const { readable, writable } = webStreams(net.connect(7));
    const writer = writable.getWriter();
    const written = writer.write(new TextEncoder().encode('hello')).then(() => writer.close());
    const text = new Response(readable).text();
    expect(await clock.settle(text)).toBe('hello');
    await clock.settle(written);
    server.close();
    await clock.settle(event(server, 'close'));
  });
});

describe('errors are those of Node', () => {
  test('nobody listens', async () => {
    const { clock, net } = loopbackHost();
    const error = await clock.settle(event<Failure>(net.connect(81), 'error'));
    expect(error.message).toBe('connect ECONNREFUSED 127.0.0.1:81');
    expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port: 81 });
  });

  test('nobody knows the name', async () => {
    const { clock, net } = loopbackHost();
    const error = await clock.settle(event<Failure>(net.connect(80, 'nowhere'), 'error'));
    expect(error).toMatchObject({ code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'nowhere' });
  });

  test('somebody listens there already', async () => {
    const { clock, net } = loopbackHost();
    const first = net.createServer().listen(80);
    const second = net.createServer().listen(80);
    const error = await clock.settle(event<Failure>(second, 'error'));
    expect(error).toMatchObject({ code: 'EADDRINUSE', syscall: 'listen', port: 80 });
    expect(() => first.listen(81)).toThrow(expect.objectContaining({ code: 'ERR_SERVER_ALREADY_LISTEN' }));
    first.close();
    const failed = new Promise((resolve) => first.close(resolve));
    expect(await clock.settle(failed)).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  test('a port that is none', () => {
    const { net } = loopbackHost();
    for (const port of [-1, 65_536, 1.5, Number.NaN]) {
      expect(() => net.connect(port)).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }));
      expect(() => net.createServer().listen(port)).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }));
    }
  });

  test('a connection that was reset', async () => {
    const { clock, net } = loopbackHost();
    const server = net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())).listen(7);
    const socket = net.connect(7);
    socket.write('x');
    const error = await clock.settle(event<Failure>(socket, 'error'));
    expect(error).toMatchObject({ code: 'ECONNRESET', syscall: 'read' });
    server.close();
    await clock.settle(event(server, 'close'));
  });
});

test('a server that is full drops connections and says whose', async () => {
  const { clock, net } = loopbackHost();
  const server = net.createServer().listen(0);
  server.maxConnections = 1;
  const first = net.connect(portOf(server));
  await clock.settle(event(server, 'connection'));
  const second = net.connect(portOf(server));
  const { localPort: remotePort } = second;
  const dropped = await clock.settle(event<{ remotePort: number; localPort: number }>(server, 'drop'));
  expect(dropped).toMatchObject({ localPort: portOf(server), remotePort });
  expect(remotePort).toBeGreaterThan(0);
  await clock.settle(new Promise<void>((done) => server.getConnections((_, count) => done(expect(count).toBe(1)))));
  first.destroy();
  second.destroy();
  server.close();
  await clock.settle(event(server, 'close'));
});
