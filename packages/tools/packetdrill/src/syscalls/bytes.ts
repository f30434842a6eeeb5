import { EFAULT, EOPNOTSUPP } from '@stack/plugin';
import {
  EPOLLOUT,
  MSG_FASTOPEN,
  MSG_SPLICE_PAGES,
  MSG_WAITALL,
  MSG_ZEROCOPY,
  MsgHdr,
  SOCK_STREAM,
  TCP_CLOSE,
} from '@stack/sock';
import { AF_UNSPEC, blocking, mayWait, untilDone, untilOpen, type SocketFile } from '@stack/socket';
import type { Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Arguments, SocketAddress } from './arguments.ts';
import { socketsOf } from './sockets.ts';
import { describe, isNull, numberOf } from './values.ts';

/** Bytes of each buffer of `[{..., 1000}, {..., 2000}]`; -EFAULT for those of a null pointer. */
export function vectorLengths(vector: Expression, line: number): number[] {
  if (vector.kind !== 'list') throw new ScriptError(line, `a list of buffers is needed, not ${describe(vector)}`);
  return vector.items.map((item) => {
    if (item.kind !== 'structure' || item.fields.length !== 2) throw new ScriptError(line, 'a buffer is {..., length}');
    const [base, { value }] = item.fields;
    const length = numberOf(value, line);
    return isNull(base.value) && length > 0 ? -EFAULT : length;
  });
}

export function vectorLength(vector: Expression, line: number): number {
  return sum(vectorLengths(vector, line));
}

/** A negative one makes the sum so. */
export function sum(lengths: readonly number[]): number {
  return lengths.find((length) => length < 0) ?? lengths.reduce((total, length) => total + length, 0);
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
 * only MSG_FASTOPEN needs one. A negative length stands for a buffer that cannot be read.
 */
export async function send(
  args: Arguments,
  fd: number,
  lengths: readonly number[],
  flags: number,
  to: SocketAddress | null,
  msg = new MsgHdr(),
): Promise<number> {
  const file = socketsOf(args).fileOf(fd);
  if (typeof file === 'number') return file;
  const error = address(args, file, flags, to, msg);
  if (error < 0) return error;
  const length = Math.abs(sum(lengths));
  const isReadable = sum(lengths) >= 0;
  for (let [sent, now] = [0, flags]; ; now &= ~MSG_FASTOPEN) {
    if ((flags & PAGES) !== 0) msg.pieces = lengthsFrom(lengths, sent);
    const bytes = zeroBytes(isReadable ? length - sent : 0);
    const call = (): number => file.sendmsg(bytes, 0, length - sent, now, msg);
    const result = await untilOpen(file, flags, await untilDone(file, EPOLLOUT, flags, call), length - sent);
    if (result < 0) return sent > 0 ? sent : result;
    sent += result;
    if (sent >= length || !mayWait(file, flags)) return sent;
  }
}

/** Puts where the bytes go into `msg`. 0, or a negative errno. */
function address(
  { session: { connections } }: Arguments,
  { sk }: SocketFile,
  flags: number,
  to: SocketAddress | null,
  msg: MsgHdr,
): number {
  const isStream = sk?.type === SOCK_STREAM;
  if (to === null || (isStream && (flags & MSG_FASTOPEN) === 0)) return 0;
  if (isStream && to.family === AF_UNSPEC) return -EOPNOTSUPP;
  msg.address = to.address;
  msg.port = to.port;
  if (!isStream) connections.send('udp', to.port);
  else if (sk.state === TCP_CLOSE) connections.connect('tcp', to.port);
  return 0;
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
