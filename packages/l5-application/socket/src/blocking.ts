import { EAGAIN, EINPROGRESS } from '@stack/plugin';
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_FASTOPEN,
  MSG_OOB,
  TCP_SYN_SENT,
} from '@stack/sock';
import type { BsdSockets } from './bsd-sockets.ts';
import { O_NONBLOCK } from './constants.ts';
import { SocketFile } from './socket-file.ts';
import { TimeLimit } from './waiting.ts';

/** The calls that wait, as promises of what the call returns in the end: a count or descriptor, or a negative errno. */
export interface BlockingSockets {
  connect(fd: number, address: number, port: number): Promise<number>;
  accept(fd: number): Promise<number>;
  recv(fd: number, into: Uint8Array, flags?: number): Promise<number>;
  /** Resolves when all bytes are taken. */
  send(fd: number, bytes: Uint8Array, flags?: number): Promise<number>;
}

/** What is read from elsewhere than the stream is there or not: nobody waits for it. */
const AT_ONCE = MSG_ERRQUEUE | MSG_OOB;

const TROUBLE = EPOLLERR | EPOLLHUP;
const READABLE = EPOLLIN | EPOLLRDHUP | TROUBLE;
const WRITABLE = EPOLLOUT | TROUBLE;

/**
 * Socket calls that wait until they can be done, unless the descriptor is O_NONBLOCK; SO_RCVTIMEO and SO_SNDTIMEO end
 * that. They use the descriptor's listener, so leave that alone while a call waits.
 *
 * ```ts
 * const { connect, send, recv } = blocking(sockets);
 * if ((await connect(fd, address, 80)) === 0) await send(fd, request);
 * ```
 */
export function blocking(sockets: BsdSockets): BlockingSockets {
  return {
    connect: (fd, address, port) => connectAndWait(sockets, fd, address, port),
    accept: (fd) => untilDone(sockets.fileOf(fd), EPOLLIN, 0, () => sockets.accept4(fd)),
    recv: (fd, into, flags = 0) =>
      untilDone(sockets.fileOf(fd), EPOLLIN, flags, () => receive(sockets, fd, into, flags)),
    send: (fd, bytes, flags = 0) => sendAll(sockets, fd, bytes, flags),
  };
}

/**
 * Repeats a call until it has something else to say than -EAGAIN, if the descriptor may block, and for as long as its
 * time limit allows. `events`: EPOLLOUT for one that writes, EPOLLIN for one that reads.
 */
export async function untilDone(
  file: SocketFile | number,
  events: number,
  flags: number,
  call: () => number,
): Promise<number> {
  let result = call();
  const isSend = (events & EPOLLOUT) !== 0;
  if (result !== -EAGAIN || !mayWait(file, flags) || (!isSend && (flags & AT_ONCE) !== 0)) return result;
  const limit = timeLimit(file, isSend);
  while (result === -EAGAIN && (await (isSend ? waitToWrite(file, limit) : limit.waitFor(file, READABLE))))
    result = call();
  return result;
}

/**
 * What becomes of `result` of a call that began to connect (Fast Open): it waits for the end of that, as `connect` does,
 * and is then the bytes that went along, 0 for none, or a negative errno.
 */
export async function untilOpen(
  file: SocketFile | number,
  flags: number,
  result: number,
  length: number,
): Promise<number> {
  if (!mayWait(file, flags) || file.sk?.state !== TCP_SYN_SENT || (result < 0 && result !== -EINPROGRESS))
    return result;
  const limit = timeLimit(file, true);
  const isLeft = result < length || length === 0;
  if (!(await (isLeft ? waitToWrite(file, limit) : limit.waitFor(file, WRITABLE)))) return result;
  const error = file.connect(0, 0);
  return error < 0 ? error : Math.max(result, 0);
}

async function connectAndWait(sockets: BsdSockets, fd: number, address: number, port: number): Promise<number> {
  const result = sockets.connect(fd, address, port);
  const file = sockets.fileOf(fd);
  if (result !== -EINPROGRESS || !mayWait(file, 0)) return result;
  return (await timeLimit(file, true).waitFor(file, WRITABLE)) ? sockets.connect(fd, address, port) : result;
}

function timeLimit(file: SocketFile, isSend: boolean): TimeLimit {
  const settings = file.sk?.settings;
  return new TimeLimit(file.clock, (isSend ? settings?.sendTimeout : settings?.receiveTimeout) ?? Infinity);
}

/** The protocol may care that somebody is about to write. */
async function waitToWrite(file: SocketFile, limit: TimeLimit): Promise<boolean> {
  file.writePending++;
  const inTime = await limit.waitFor(file, WRITABLE);
  file.writePending--;
  return inTime;
}

/** A reader who was shut out and would wait reads the end instead, even where the protocol has none. */
function receive(sockets: BsdSockets, fd: number, into: Uint8Array, flags: number): number {
  const result = sockets.recv(fd, into, flags);
  if (result !== -EAGAIN || (flags & AT_ONCE) !== 0) return result;
  const file = sockets.fileOf(fd);
  return mayWait(file, flags) && (file.poll() & EPOLLRDHUP) !== 0 ? 0 : result;
}

async function sendAll(sockets: BsdSockets, fd: number, bytes: Uint8Array, flags: number): Promise<number> {
  const file = sockets.fileOf(fd);
  let sent = 0;
  do {
    const part = bytes.subarray(sent);
    const result = await untilOpen(
      file,
      flags,
      await untilDone(file, EPOLLOUT, flags, () => sockets.send(fd, part, flags)),
      part.length,
    );
    if (result < 0) return sent > 0 ? sent : result;
    sent += result;
    flags &= ~MSG_FASTOPEN;
  } while (sent < bytes.length && mayWait(file, flags));
  return sent;
}

/** Whether a call may wait at all. */
export function mayWait(file: SocketFile | number, flags: number): file is SocketFile {
  return file instanceof SocketFile && (file.flags & O_NONBLOCK) === 0 && (flags & MSG_DONTWAIT) === 0;
}
