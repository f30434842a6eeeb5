import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import type { Contender } from './contender.ts';

/** One thing to measure. `better` says whether a higher or a lower figure wins. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  run(contender: Contender): Promise<number>;
}

/** A server that treats each connection as told, for as long as `use` runs. */
async function withServer<T>(
  contender: Contender,
  onConnection: (socket: Duplex) => void,
  use: (port: number) => Promise<T>,
): Promise<T> {
  const server = contender.server.createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, contender.address, resolve));
  const { port } = server.address() as { port: number };
  try {
    return await use(port);
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

async function connected(contender: Contender, port: number): Promise<Duplex> {
  const socket = contender.client.connect({ port, host: contender.address });
  await once(socket, 'connect');
  return socket;
}

async function closed(socket: Duplex): Promise<void> {
  await once(socket, 'close');
}

/** What an application's 10 ms timer did while the last bulk transfer ran, as a share of its ticks. */
export const ticks = { share: 1 };

/** Megabytes a second from one socket to the other, written in chunks of 64 KB. */
export function bulk(megabytes: number): Measurement {
  return {
    name: `bulk, ${megabytes} MB in 64 KB writes`,
    unit: 'MB/s',
    better: 'higher',
    run: (contender) =>
      withServer(
        contender,
        (socket) => pour(socket, megabytes * 16),
        (port) => drain(contender, port),
      ),
  };
}

function pour(socket: Duplex, chunks: number): void {
  const chunk = Buffer.alloc(65_536, 0x61);
  let left = chunks;
  const write = (): void => {
    while (left-- > 0) if (!socket.write(chunk)) return void socket.once('drain', write);
    socket.end();
  };
  write();
}

async function drain(contender: Contender, port: number): Promise<number> {
  const socket = await connected(contender, port);
  let bytes = 0;
  let fired = 0;
  const ticker = setInterval(() => fired++, TICK);
  const start = performance.now();
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await closed(socket);
  const ms = performance.now() - start;
  clearInterval(ticker);
  ticks.share = Math.min(1, fired / Math.floor(ms / TICK));
  return bytes / 1e6 / (ms / 1e3);
}

const TICK = 10;

/** Round trips a second: the client sends `size` bytes, the server sends them back. */
export function pingPong(size: number, rounds: number): Measurement {
  return {
    name: `ping-pong, ${size} byte${size === 1 ? '' : 's'}`,
    unit: 'round trips/s',
    better: 'higher',
    run: (contender) =>
      withServer(
        contender,
        (socket) => socket.on('data', (chunk) => socket.write(chunk)),
        (port) => bounce(contender, port, size, rounds),
      ),
  };
}

async function bounce(contender: Contender, port: number, size: number, rounds: number): Promise<number> {
  const socket = await connected(contender, port);
  const message = Buffer.alloc(size, 0x62);
  let left = rounds;
  let missing = size;
  const start = performance.now();
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      missing -= chunk.length;
      if (missing > 0) return;
      missing = size;
      if (--left === 0) resolve();
      else socket.write(message);
    });
    socket.write(message);
  });
  const seconds = (performance.now() - start) / 1e3;
  const gone = closed(socket);
  socket.end();
  await gone;
  return rounds / seconds;
}

/** Connections a second that are opened, and closed by the client, `parallel` at a time. */
export function connectClose(parallel: number, total: number): Measurement {
  return {
    name: `connect+close, ${parallel} at once`,
    unit: 'connections/s',
    better: 'higher',
    run: (contender) =>
      withServer(
        contender,
        (socket) => socket.on('error', () => {}).resume(),
        async (port) => {
          const start = performance.now();
          let begun = 0;
          const worker = async (): Promise<void> => {
            while (begun++ < total) {
              const socket = await connected(contender, port);
              const gone = closed(socket);
              socket.resume().end();
              await gone;
            }
          };
          await Promise.all(Array.from({ length: parallel }, worker));
          return total / ((performance.now() - start) / 1e3);
        },
      ),
  };
}

/** Bytes of JavaScript heap for a connection, both ends together, while `count` (or as many as can be) are open. */
export function held(count: number): Measurement {
  return {
    name: `${count.toLocaleString('en')} connections held`,
    unit: 'bytes of heap a pair',
    better: 'lower',
    async run(contender) {
      const ends: Duplex[] = [];
      const keep = (socket: Duplex): void => void ends.push(socket.on('data', ignore).on('error', ignore));
      return withServer(contender, keep, async (port) => {
        const warm = Math.min(1000, count);
        await openMany(contender, port, warm, keep);
        const before = await heap();
        const more = Math.min(count, contender.mostConnections - warm);
        await openMany(contender, port, more, keep);
        const bytes = ((await heap()) - before) / more;
        await Promise.all(
          ends.splice(0).map((socket) => {
            const gone = closed(socket);
            (socket as Socket).resetAndDestroy(); // TIME_WAIT would be part of the next run
            return gone;
          }),
        );
        return bytes;
      });
    },
  };
}

function ignore(): void {}

async function openMany(
  contender: Contender,
  port: number,
  count: number,
  keep: (socket: Duplex) => void,
): Promise<void> {
  for (let opened = 0; opened < count; opened += 100) {
    const batch = Array.from({ length: Math.min(100, count - opened) }, () => connected(contender, port));
    for (const socket of await Promise.all(batch)) keep(socket);
  }
}

/** Bytes of heap in use, when what was closed before has gone. */
async function heap(): Promise<number> {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) {
    await setTimeout(100);
    collect();
  }
  return process.memoryUsage().heapUsed;
}
