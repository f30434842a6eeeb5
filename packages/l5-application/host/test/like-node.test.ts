import nodeNet from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { twoHosts } from './two-hosts.ts';

/** The part of node:net that both have. */
type Net = Pick<typeof nodeNet, 'connect' | 'createServer'>;

/** What a scenario saw, in order; it must be the same on Node's sockets and on ours. */
type Log = string[];

interface Scenario {
  readonly name: string;
  run(server: Net, client: Net, address: string, log: Log): Promise<void>;
}

function watch(who: string, socket: Duplex, log: Log): void {
  for (const event of ['connect', 'ready', 'end', 'finish']) socket.on(event, () => log.push(`${who} ${event}`));
  socket.on('error', (error: NodeJS.ErrnoException) => log.push(`${who} error ${error.code} ${error.syscall ?? ''}`));
  socket.on('close', (hadError: boolean) => log.push(`${who} close ${hadError}`));
}

function listening(
  net: Net,
  address: string,
  onConnection: (socket: nodeNet.Socket) => void,
  options: nodeNet.ServerOpts = {},
): Promise<nodeNet.Server> {
  return new Promise((resolve) => {
    const server = net.createServer(options, onConnection);
    server.listen(0, address, () => resolve(server));
  });
}

const portOf = (server: nodeNet.Server): number => (server.address() as nodeNet.AddressInfo).port;
const event = (emitter: NodeJS.EventEmitter, name: string): Promise<unknown> =>
  new Promise((resolve) => emitter.once(name, resolve));

async function gone(server: nodeNet.Server, ...sockets: Duplex[]): Promise<void> {
  await Promise.all(sockets.filter((socket) => !socket.closed).map((socket) => event(socket, 'close')));
  await new Promise((resolve) => server.close(resolve));
}

const scenarios: Scenario[] = [
  {
    name: 'a request, an answer, an end',
    async run(server, client, address, log) {
      const listener = await listening(server, address, (socket) => {
        watch('server', socket, log);
        socket.setEncoding('utf8').on('data', (text) => {
          log.push(`server data ${text}`);
          socket.end('world');
        });
      });
      const socket = client.connect(portOf(listener), address);
      watch('client', socket, log);
      socket.setEncoding('utf8').on('data', (text) => log.push(`client data ${text}`));
      socket.write('hello');
      log.push(`state ${socket.readyState} pending ${socket.pending} connecting ${socket.connecting}`);
      await event(socket, 'close');
      log.push(`read ${socket.bytesRead} written ${socket.bytesWritten} state ${socket.readyState}`);
      await gone(listener, socket);
    },
  },
  {
    name: 'nobody listens',
    async run(_server, client, address, log) {
      const socket = client.connect(1, address);
      watch('client', socket, log);
      socket.on('error', (error) => log.push(error.message.replace(address, 'ADDRESS')));
      await event(socket, 'close');
    },
  },
  {
    name: 'half-open: one side ends, the other goes on',
    async run(server, client, address, log) {
      const listener = await listening(
        server,
        address,
        (socket) => {
          socket.resume().on('end', () => {
            log.push('server saw the end');
            socket.write('still here ');
            socket.end('and done');
          });
        },
        { allowHalfOpen: true },
      );
      const socket = client.connect({ port: portOf(listener), host: address, allowHalfOpen: true });
      let text = '';
      socket.setEncoding('utf8').on('data', (more) => (text += more));
      socket.end('bye');
      await gone(listener, socket);
      log.push(text);
    },
  },
  {
    name: 'a reset reaches the reader',
    async run(server, client, address, log) {
      const listener = await listening(server, address, (socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.resetAndDestroy());
      });
      const socket = client.connect(portOf(listener), address);
      watch('client', socket, log);
      socket.resume();
      await event(socket, 'connect');
      socket.write('x');
      await gone(listener, socket);
    },
  },
  {
    name: 'destroyed with an error',
    async run(server, client, address, log) {
      const listener = await listening(server, address, (socket) => {
        watch('server', socket, log);
        socket.resume();
      });
      const socket = client.connect(portOf(listener), address);
      watch('client', socket, log);
      await event(socket, 'connect');
      socket.destroy(Object.assign(new Error('enough'), { code: 'ENOUGH' }));
      await gone(listener, socket);
    },
  },
  {
    name: 'a port that is taken',
    async run(server, _client, address, log) {
      const listener = await listening(server, address, () => {});
      const second = server.createServer();
      second.on('error', (error: NodeJS.ErrnoException) => log.push(`${error.code} ${error.syscall}`));
      second.listen(portOf(listener), address);
      await event(second, 'error');
      log.push(`listening ${listener.listening} ${second.listening}`);
      await gone(listener);
    },
  },
  {
    name: 'a name that nobody knows',
    async run(_server, client, _address, log) {
      const socket = client.connect(80, 'no.such.name.invalid');
      socket.on('error', (error: NodeJS.ErrnoException) => log.push(`${error.syscall}`));
      await event(socket, 'close');
      log.push(`destroyed ${socket.destroyed}`);
    },
  },
  {
    name: 'back-pressure: a reader that pauses stops the writer',
    async run(server, client, address, log) {
      const total = 32 * 1024 * 1024;
      let resume: () => void = () => {};
      const listener = await listening(server, address, (socket) => {
        socket.pause();
        resume = () => socket.resume();
        socket.on('end', () => log.push(`server got ${socket.bytesRead}`));
      });
      const socket = client.connect(portOf(listener), address);
      await event(socket, 'connect');
      const chunk = Buffer.alloc(1024 * 1024);
      let all = true;
      for (let sent = 0; sent < total; sent += chunk.length) all = socket.write(chunk) && all;
      log.push(`all taken at once: ${all}`);
      const drained = event(socket, 'drain');
      resume();
      await drained;
      socket.end();
      await gone(listener, socket);
    },
  },
];

describe('the same events as on Node’s own sockets', () => {
  for (const { name, run } of scenarios) {
    test(name, async () => {
      const expected: Log = [];
      await run(nodeNet, nodeNet, '127.0.0.1', expected);
      const seen: Log = [];
      const { lab, clock, server, client } = twoHosts();
      await clock.settle(run(server.net as unknown as Net, client.net as unknown as Net, '10.0.0.1', seen));
      lab.close();
      expect(expected.length).toBeGreaterThan(0);
      expect(seen).toEqual(expected);
    });
  }
});
