import http from 'node:http';
import type { Duplex } from 'node:stream';
import type { Net } from './net.ts';

/** Node's own http over the host's sockets: the same classes, another transport. */
export interface Http {
  createServer: typeof http.createServer;
  request: typeof http.request;
  get: typeof http.get;
  /** An `http.Agent` whose connections go through the host. */
  createAgent(options?: http.AgentOptions): http.Agent;
}

/** `node:http` for one host. */
export function httpOver(net: Net): Http {
  const createAgent = (options: http.AgentOptions = {}): http.Agent => {
    const agent = new http.Agent(options) as http.Agent & { createConnection: (options: object) => Duplex };
    agent.createConnection = (target) => net.connect(target as { port: number });
    return agent;
  };
  const agent = createAgent({ keepAlive: true, scheduling: 'lifo', timeout: 5000 });
  const withAgent = (args: unknown[]): unknown[] => {
    const at = args.findIndex((arg) => typeof arg === 'object' && arg !== null && !(arg instanceof URL));
    if (at >= 0) return args.with(at, { agent, ...(args[at] as object) });
    return [args[0], { agent }, ...args.slice(1)];
  };
  return {
    createAgent,
    createServer: ((...args: Parameters<typeof http.createServer>) =>
      overNet(http.createServer(...args), net)) as typeof http.createServer,
    request: ((...args: unknown[]) => (http.request as Function)(...withAgent(args))) as typeof http.request,
    get: ((...args: unknown[]) => (http.get as Function)(...withAgent(args))) as typeof http.get,
  };
}

/**
 * Takes the listening part of an http server away from the kernel and gives it to the host. The rest of it, from the
 * 'connection' event on, does not care where its sockets come from.
 */
function overNet(server: http.Server, net: Net): http.Server {
  const acceptor = net.createServer((socket) => server.emit('connection', socket));
  for (const event of ['listening', 'error', 'close', 'drop'])
    acceptor.on(event, (...args) => server.emit(event, ...args));
  return Object.defineProperties(server, {
    listen: { value: (...args: unknown[]) => (acceptor.listen(...args), server) },
    close: {
      value: (callback?: (error?: Error) => void) => {
        server.closeIdleConnections();
        acceptor.close(callback);
        return server;
      },
    },
    address: { value: () => acceptor.address() },
    getConnections: {
      value: (callback: (error: Error | null, count: number) => void) => (acceptor.getConnections(callback), server),
    },
    ref: { value: () => (acceptor.ref(), server) },
    unref: { value: () => (acceptor.unref(), server) },
    listening: { get: () => acceptor.listening },
    maxConnections: {
      get: () => acceptor.maxConnections,
      set: (most: number | undefined) => {
        acceptor.maxConnections = most;
      },
    },
  });
}
