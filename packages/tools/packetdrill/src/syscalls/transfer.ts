import { EBADF, EFAULT, ESPIPE } from '@stack/plugin';
import { EPOLLIN, MsgHdr } from '@stack/sock';
import { untilDone } from '@stack/socket';
import { Unsupported } from '../language/script-error.ts';
import { addressOf, type Arguments, type SocketAddress } from './arguments.ts';
import { receive, scratch, send, sum, vectorLength, vectorLengths } from './bytes.ts';
import type { CallTable } from './call-table.ts';
import { readFile, writeFile } from './files.ts';
import { receiveMessage, receiveMessages, sendMessage, sendMessages } from './messages.ts';
import type { Outcome } from './outcome.ts';
import { socketsOf } from './sockets.ts';

/** Calls that carry bytes. What is written is zeros, whatever the script's buffer. */
export const TRANSFER_CALLS: CallTable = {
  read: (args) => take(args, bufferLength(args, 1, 2)),
  recv: (args) => receive(args, args.fd(0), bufferLength(args, 1, 2), args.number(3)),
  recvfrom: (args) => receiveFrom(args),
  readv: (args) => take(args, vectorLength(args.at(1), args.line)),
  recvmsg: receiveMessage,
  write: (args) => give(args, [bufferLength(args, 1, 2)]),
  send: (args) => send(args, args.fd(0), [bufferLength(args, 1, 2)], args.number(3), null),
  sendto: (args) => send(args, args.fd(0), [bufferLength(args, 1, 2)], args.number(3), peerOf(args, 4)),
  writev: (args) => give(args, vectorLengths(args.at(1), args.line)),
  sendmsg: sendMessage,
  sendmmsg: sendMessages,
  recvmmsg: receiveMessages,
  pread: (args) => (args.file(0) === null ? noPlace(args) : readFile(args.file(0)!, args.number(2), args.number(3))),
  pwrite: noPlace,
  preadv: noPlace,
  pwritev: noPlace,
  lseek: noPlace,
};

/** Sockets and pipes have no places to read from or write to. */
function noPlace(args: Arguments): number {
  const file = args.file(0);
  if (file !== null && !file.isPipe) throw new Unsupported(args.line, `${args.call.name} of files is not supported`);
  const socket = socketsOf(args).files.get(args.fd(0));
  return file === null && socket === null ? -EBADF : -ESPIPE;
}

function take(args: Arguments, length: number): number | Promise<number> {
  const file = args.file(0);
  return file === null ? receive(args, args.fd(0), length, 0) : readFile(file, length);
}

function give(args: Arguments, lengths: readonly number[]): number | Promise<number> {
  const file = args.file(0);
  return file === null ? send(args, args.fd(0), lengths, 0, null) : writeFile(file, sum(lengths));
}

/** Bytes of a buffer and its length; -EFAULT for a null pointer to more than nothing. */
function bufferLength(args: Arguments, buffer: number, length: number): number {
  const bytes = args.number(length);
  return args.isNull(buffer) && bytes > 0 ? -EFAULT : bytes;
}

async function receiveFrom(args: Arguments): Promise<Outcome> {
  const length = bufferLength(args, 1, 2);
  if (length < 0) return { result: length };
  const fd = args.fd(0);
  const [into, msg] = [scratch(length), new MsgHdr()];
  const flags = args.number(3);
  const result = await untilDone(socketsOf(args).fileOf(fd), EPOLLIN, flags, () =>
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
