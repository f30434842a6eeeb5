import { EPOLLOUT, MSG_FASTOPEN, MSG_WAITALL, MsgHdr, SOCK_STREAM } from '@stack/sock';
import { blocking } from '@stack/socket';
import type { Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Arguments, SocketAddress } from './arguments.ts';
import { socketsOf } from './sockets.ts';
import { describe, numberOf } from './values.ts';
import { untilDone } from './waiting.ts';

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
  args.session.connections.send(isStream ? 'tcp' : 'udp', to.port);
  return untilDone(args.session, { fd, events: EPOLLOUT }, flags, () =>
    sockets.sendmsg(fd, zeroBytes(length), flags, msg),
  );
}
