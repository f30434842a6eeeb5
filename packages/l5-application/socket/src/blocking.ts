import { EAGAIN, EINPROGRESS } from '@stack/plugin';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP, MSG_DONTWAIT } from '@stack/sock';
import type { BsdSockets } from './bsd-sockets.ts';
import { O_NONBLOCK } from './constants.ts';
import { SocketFile } from './socket-file.ts';
import { waitFor } from './waiting.ts';

/** The calls that wait, as promises of what the call returns in the end: a count or descriptor, or a negative errno. */
export interface BlockingSockets {
  connect(fd: number, address: number, port: number): Promise<number>;
  accept(fd: number): Promise<number>;
  recv(fd: number, into: Uint8Array, flags?: number): Promise<number>;
  /** Resolves when all bytes are taken. */
  send(fd: number, bytes: Uint8Array, flags?: number): Promise<number>;
}

const TROUBLE = EPOLLERR | EPOLLHUP;
const READABLE = EPOLLIN | EPOLLRDHUP | TROUBLE;

/**
 * Socket calls that wait until they can be done, unless the descriptor is O_NONBLOCK. It uses the descriptor's
 * listener, so leave that alone while a call waits.
 *
 * ```ts
 * const { connect, send, recv } = blocking(sockets);
 * if ((await connect(fd, address, 80)) === 0) await send(fd, request);
 * ```
 */
export function blocking(sockets: BsdSockets): BlockingSockets {
  return {
    async connect(fd, address, port) {
      const result = sockets.connect(fd, address, port);
      const file = sockets.fileOf(fd);
      if (result !== -EINPROGRESS || !mayWait(file, 0)) return result;
      await waitFor(file, EPOLLOUT | TROUBLE);
      return sockets.connect(fd, address, port);
    },
    accept: (fd) => again(sockets, fd, READABLE, 0, () => sockets.accept4(fd)),
    recv: (fd, into, flags = 0) => again(sockets, fd, READABLE, flags, () => receive(sockets, fd, into, flags)),
    send: (fd, bytes, flags = 0) => sendAll(sockets, fd, bytes, flags),
  };
}

async function again(
  sockets: BsdSockets,
  fd: number,
  events: number,
  flags: number,
  call: () => number,
): Promise<number> {
  const file = sockets.fileOf(fd);
  for (;;) {
    const result = call();
    if (result !== -EAGAIN || !mayWait(file, flags)) return result;
    await waitFor(file, events);
  }
}

/** A reader who was shut out reads the end, even where the protocol has none. */
function receive(sockets: BsdSockets, fd: number, into: Uint8Array, flags: number): number {
  const result = sockets.recv(fd, into, flags);
  const file = sockets.fileOf(fd);
  return result === -EAGAIN && typeof file !== 'number' && (file.poll() & EPOLLRDHUP) !== 0 ? 0 : result;
}

async function sendAll(sockets: BsdSockets, fd: number, bytes: Uint8Array, flags: number): Promise<number> {
  let sent = 0;
  do {
    const part = bytes.subarray(sent);
    const result = await again(sockets, fd, EPOLLOUT | TROUBLE, flags, () => sockets.send(fd, part, flags));
    if (result < 0) return sent > 0 ? sent : result;
    sent += result;
  } while (sent < bytes.length);
  return sent;
}

function mayWait(file: SocketFile | number, flags: number): file is SocketFile {
  return file instanceof SocketFile && (file.flags & O_NONBLOCK) === 0 && (flags & MSG_DONTWAIT) === 0;
}
