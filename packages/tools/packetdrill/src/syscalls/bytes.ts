import { EPOLLOUT, MSG_FASTOPEN, MSG_SPLICE_PAGES, MSG_WAITALL, MSG_ZEROCOPY, MsgHdr, SOCK_STREAM } from '@stack/sock';
import { blocking } from '@stack/socket';
import type { Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Arguments, SocketAddress } from './arguments.ts';
import { socketsOf } from './sockets.ts';
import { describe, numberOf } from './values.ts';
import { untilDone } from './waiting.ts';

/** Bytes of each buffer of `[{..., 1000}, {..., 2000}]`. */
export function vectorLengths(vector: Expression, line: number): number[] {
  if (vector.kind !== 'list') throw new ScriptError(line, `a list of buffers is needed, not ${describe(vector)}`);
  return vector.items.map((item) => {
    if (item.kind !== 'structure' || item.fields.length !== 2) throw new ScriptError(line, 'a buffer is {..., length}');
    return numberOf(item.fields[1].value, line);
  });
}

export function vectorLength(vector: Expression, line: number): number {
  return sum(vectorLengths(vector, line));
}

export function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}

/** A buffer that is more than the stack can have at once need not be as large. */
const LARGEST = 64 * 1024 * 1024;

export function scratch(length: number): Uint8Array {
  return new Uint8Array(Math.min(length, LARGEST));
}

/** Into scratch; with MSG_WAITALL until all has come. A negative length is an error that is handed through. */
export async function receive(args: Arguments, fd: number, length: number, flags: number): Promise<number> {
  if (length < 0) return length;
  const into = scratch(length);
  const { recv } = blocking(socketsOf(args));
  let got = await recv(fd, into, flags);
  while ((flags & MSG_WAITALL) !== 0 && got > 0 && got < length) {
    const more = await recv(fd, into.subarray(got), flags);
    if (more <= 0) break;
    got += more;
  }
  return got;
}

/** Zeros to write: one buffer serves all. */
let zeros = new Uint8Array(0);

function zeroBytes(length: number): Uint8Array {
  if (zeros.length < length) zeros = new Uint8Array(length);
  return zeros.subarray(0, length);
}

/** How the bytes are handed over decides where the stack may join them: pages stay as they are. */
const PAGES = MSG_ZEROCOPY | MSG_SPLICE_PAGES;

/**
 * Sends buffers of these lengths; a descriptor that may block takes them all. Datagrams go to an address; of a stream
 * only MSG_FASTOPEN needs one. A negative length is an error that is handed through.
 */
export async function send(
  args: Arguments,
  fd: number,
  lengths: readonly number[],
  flags: number,
  to: SocketAddress | null,
  msg = new MsgHdr(),
): Promise<number> {
  const error = lengths.find((length) => length < 0);
  if (error !== undefined) return error;
  const { session } = args;
  const sockets = socketsOf(args);
  const file = sockets.fileOf(fd);
  const isStream = typeof file !== 'number' && file.sk?.type === SOCK_STREAM;
  if (to !== null && (!isStream || (flags & MSG_FASTOPEN) !== 0)) {
    msg.address = to.address;
    msg.port = to.port;
    if (isStream) session.connections.connect('tcp', to.port);
    else session.connections.send('udp', to.port);
  }
  const length = sum(lengths);
  for (let sent = 0; ;) {
    if ((flags & PAGES) !== 0) msg.pieces = lengthsFrom(lengths, sent);
    const bytes = zeroBytes(length - sent);
    const result = await untilDone(session, { fd, events: EPOLLOUT }, flags, () =>
      sockets.sendmsg(fd, bytes, flags, msg),
    );
    if (result < 0) return sent > 0 ? sent : result;
    sent += result;
    if (sent >= length) return sent;
  }
}

/** What is left of buffers when the first `sent` bytes are gone. */
function lengthsFrom(lengths: readonly number[], sent: number): number[] {
  const left: number[] = [];
  for (const length of lengths) {
    if (length > sent) left.push(length - sent);
    sent = Math.max(0, sent - length);
  }
  return left;
}
