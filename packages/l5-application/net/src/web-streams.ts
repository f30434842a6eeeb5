import { Duplex } from 'node:stream';
import type { Socket } from './socket.ts';

/** A connection as the two WHATWG streams, for code that knows no Node streams. */
export interface WebConnection {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

export function webStreams(socket: Socket): WebConnection {
  return Duplex.toWeb(socket) as unknown as WebConnection;
}
