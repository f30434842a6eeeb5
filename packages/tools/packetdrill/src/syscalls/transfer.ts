import { EFAULT } from '@stack/plugin';
import { EPOLLIN, EPOLLOUT, MSG_FASTOPEN, MSG_WAITALL, MsgHdr, SOCK_STREAM } from '@stack/sock';
import { blocking } from '@stack/socket';
import type { Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import { addressOf, type Arguments, type SocketAddress } from './arguments.ts';
import type { CallTable } from './call-table.ts';
import { receiveMessage, sendMessage } from './messages.ts';
import type { Outcome } from './outcome.ts';
import { socketsOf } from './sockets.ts';
import { describe, numberOf } from './values.ts';
import { untilDone } from './waiting.ts';

/** Calls that carry bytes. What is written is zeros, whatever the script's buffer. */
export const TRANSFER_CALLS: CallTable = {
  read: (args) => receive(args, args.fd(0), bufferLength(args, 1, 2), 0),
  recv: (args) => receive(args, args.fd(0), bufferLength(args, 1, 2), args.number(3)),
  recvfrom: (args) => receiveFrom(args),
  readv: (args) => receive(args, args.fd(0), vectorLength(args.at(1), args.line), 0),
  recvmsg: receiveMessage,
  write: (args) => send(args, args.fd(0), bufferLength(args, 1, 2), 0, null),
  send: (args) => send(args, args.fd(0), bufferLength(args, 1, 2), args.number(3), null),
  sendto: (args) => send(args, args.fd(0), bufferLength(args, 1, 2), args.number(3), peerOf(args, 4)),
  writev: (args) => send(args, args.fd(0), vectorLength(args.at(1), args.line), 0, null),
  sendmsg: sendMessage,
};

/** Bytes of a buffer and its length; -EFAULT for a null pointer to more than nothing. */
function bufferLength(args: Arguments, buffer: number, length: number): number {
  const bytes = args.number(length);
  return args.isNull(buffer) && bytes > 0 ? -EFAULT : bytes;
}

/** Bytes of all buffers of `[{..., 1000}, {..., 2000}]`. */
export function vectorLength(vector: Expression, line: number): number {
  if (vector.kind !== 'list') throw new ScriptError(line, `a list of buffers is needed, not ${describe(vector)}`);
  let sum = 0;
  for (const item of vector.items) {
    if (item.kind !== 'structure' || item.fields.length !== 2) throw new ScriptError(line, 'a buffer is {..., length}');
    sum += numberOf(item.fields[1].value, line);
  }
  return sum;
}

/** A buffer that is more than the stack can have at once need not be as large. */
const LARGEST = 64 * 1024 * 1024;

export async function receive(args: Arguments, fd: number, length: number, flags: number): Promise<number> {
  if (length < 0) return length;
  const into = new Uint8Array(Math.min(length, LARGEST));
  const { recv } = blocking(socketsOf(args));
  let got = await recv(fd, into, flags);
  while ((flags & MSG_WAITALL) !== 0 && got > 0 && got < length) {
    const more = await recv(fd, into.subarray(got), flags);
    if (more <= 0) break;
    got += more;
  }
  return got;
}

async function receiveFrom(args: Arguments): Promise<Outcome> {
  const length = bufferLength(args, 1, 2);
  if (length < 0) return { result: length };
  const fd = args.fd(0);
  const [into, msg] = [new Uint8Array(Math.min(length, LARGEST)), new MsgHdr()];
  const flags = args.number(3);
  const result = await untilDone(args.session, { fd, events: EPOLLIN }, flags, () =>
    socketsOf(args).recvmsg(fd, into, flags, msg),
  );
  if (result < 0 || args.count < 5 || args.at(4).kind !== 'structure') return { result };
  const wanted = addressOf(args.at(4), args.line);
  const same = wanted.address === msg.address && wanted.port === msg.port;
  return { result, problems: same ? [] : [`the sender is ${msg.address >>> 0} port ${msg.port}`] };
}

/** Null for the connected peer: a null pointer. */
function peerOf(args: Arguments, index: number): SocketAddress | null {
  if (args.isNull(index)) return null;
  const { remoteIp, connectPort } = args.session.config;
  return args.address(index, { family: 2, address: remoteIp, port: connectPort });
}

/** Zeros to write: one buffer serves all. */
let zeros = new Uint8Array(0);

export function zeroBytes(length: number): Uint8Array {
  if (zeros.length < length) zeros = new Uint8Array(length);
  return zeros.subarray(0, length);
}

/** Datagrams go to an address; of a stream only MSG_FASTOPEN needs one. */
export function send(
  args: Arguments,
  fd: number,
  length: number,
  flags: number,
  to: SocketAddress | null,
): number | Promise<number> {
  if (length < 0) return length;
  const sockets = socketsOf(args);
  const file = sockets.fileOf(fd);
  const isStream = typeof file !== 'number' && file.sk?.type === SOCK_STREAM;
  if (to === null || (isStream && (flags & MSG_FASTOPEN) === 0)) {
    return blocking(sockets).send(fd, zeroBytes(length), flags);
  }
  const msg = new MsgHdr();
  msg.address = to.address;
  msg.port = to.port;
  args.session.connections.connect(isStream ? 'tcp' : 'udp', to.port);
  return untilDone(args.session, { fd, events: EPOLLOUT }, flags, () =>
    sockets.sendmsg(fd, zeroBytes(length), flags, msg),
  );
}
