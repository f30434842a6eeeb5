import type { Clock } from '@stack/clock';
import type { BsdSockets } from '@stack/socket';
import type { NetContext } from './context.ts';
import { Liveness } from './liveness.ts';
import { Server } from './server.ts';
import { Socket, type SocketOptions } from './socket.ts';

/** `node:net` for one host: hand it to a program that takes its net from outside. */
export interface Net {
  connect(...args: unknown[]): Socket;
  createConnection(...args: unknown[]): Socket;
  createServer(onConnection?: (socket: Socket) => void): Server;
  createServer(options: SocketOptions, onConnection?: (socket: Socket) => void): Server;
}

/** @internal What the modules of this package share on one host. */
export function netContext(options: {
  clock: Clock;
  sockets: BsdSockets;
  resolve: (name: string) => number | null;
}): NetContext {
  return { ...options, liveness: new Liveness(options.clock) };
}

export function netOver(context: NetContext): Net {
  const connect = (...args: unknown[]): Socket => new Socket(context, optionsOf(args)).connect(...args);
  return {
    connect,
    createConnection: connect,
    createServer(...args: unknown[]) {
      const onConnection = args.find((arg) => typeof arg === 'function') as ((socket: Socket) => void) | undefined;
      return new Server(context, optionsOf(args), onConnection);
    },
  };
}

function optionsOf(args: unknown[]): SocketOptions {
  return typeof args[0] === 'object' && args[0] !== null ? (args[0] as SocketOptions) : {};
}
