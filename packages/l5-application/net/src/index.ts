/**
 * `node:net`, `node:dgram`, `node:http` and fetch over the stack: the same shapes, events and errors.
 *
 * ```ts
 * const { net } = host.get(NodeNet);
 * net.createServer((socket) => socket.pipe(socket)).listen(7);
 * net.connect(7, '127.0.0.1').end('hello');
 * ```
 *
 * @packageDocumentation
 */
export type { ConnectOptions, ListenOptions } from './arguments.ts';
export { DgramSocket, type Dgram, type RemoteInfo } from './dgram.ts';
export type { Fetch } from './fetch.ts';
export type { Http } from './http.ts';
export type { Net } from './net.ts';
export { Names, NodeNet, nodeNet } from './plugin.ts';
export { Server } from './server.ts';
export { Socket, type SocketOptions } from './socket.ts';
export { webStreams, type WebConnection } from './web-streams.ts';
