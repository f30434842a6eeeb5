import { EAGAIN, EBADF, EINVAL, ESPIPE } from '@stack/plugin';
import { MSG_DONTWAIT, MSG_MORE, MSG_SPLICE_PAGES } from '@stack/sock';
import { pagesOf, type LocalFile } from '../files/local-file.ts';
import { isReadEnd, isWriteEnd, type WriteEnd } from '../files/pipe.ts';
import type { Arguments } from './arguments.ts';
import { receive, send, sum } from './bytes.ts';
import type { CallTable } from './call-table.ts';
import { socketsOf } from './sockets.ts';
import { countOf } from './files.ts';
import { FILES } from './symbols/files.ts';
import { numberOf } from './values.ts';

/** Calls that move bytes without the application. */
export const SPLICE_CALLS: CallTable = { sendfile, sendfile64: sendfile, splice };

/** What goes through the pipe inside of sendfile at once. @kernel fs/splice.c splice_direct_to_actor() */
const CHUNK = 65_536;

/**
 * `sendfile(out, in, [offset] or NULL, count)`: more is announced to the socket while less was read than asked for; when
 * it then does not come, what waited is pushed.
 *
 * @kernel fs/splice.c do_splice_direct()
 */
async function sendfile(args: Arguments): Promise<number> {
  const source = args.file(1);
  if (source === null) return typeof socketsOf(args).fileOf(args.fd(1)) === 'number' ? -EBADF : noFile(args);
  if (source.isPipe) return noFile(args);
  const [offset, count] = [offsetOf(args, 2), args.number(3)];
  let [moved, more] = [0, false];
  while (moved < count) {
    const left = count - moved;
    const pieces = source.read(Math.min(left, CHUNK), offset === undefined ? undefined : offset + moved);
    if (typeof pieces === 'number') return moved || pieces;
    const length = sum(pieces);
    if (length === 0) break;
    more = length < left;
    const sent = await put(args, 0, pieces, more ? MSG_MORE : 0);
    if (sent < 0) return moved || sent;
    moved += sent;
    if (sent < length) return moved;
  }
  if (more) await put(args, 0, [], 0);
  return moved;
}

/** What sendfile says of what it cannot read from: that has no places either. */
function noFile(args: Arguments): number {
  return args.isNull(2) ? -EINVAL : -ESPIPE;
}

/** `splice(in, NULL, out, NULL, length, flags)`: one of the two is a pipe. @kernel fs/splice.c do_splice() */
function splice(args: Arguments): number | Promise<number> {
  const [source, target, length, flags] = [args.file(0), args.file(2), args.number(4), args.number(5)];
  if ((source?.isPipe === true && !args.isNull(1)) || (target?.isPipe === true && !args.isNull(3))) return -ESPIPE;
  if (isReadEnd(source)) return fromPipe(args, source.read(length), flags, (left) => source.putBack(left));
  if (isWriteEnd(target)) return toPipe(args, source, target, Math.min(length, target.room));
  return -EINVAL;
}

async function fromPipe(
  args: Arguments,
  pieces: readonly number[] | number,
  flags: number,
  putBack: (pieces: readonly number[]) => void,
): Promise<number> {
  if (typeof pieces === 'number' || pieces.length === 0) return countOf(pieces);
  const more = (flags & FILES.SPLICE_F_MORE) !== 0 ? MSG_MORE : 0;
  const wait = (flags & FILES.SPLICE_F_NONBLOCK) !== 0 ? MSG_DONTWAIT : 0;
  const sent = await put(args, 2, pieces, more | wait);
  putBack(without(pieces, Math.max(0, sent)));
  return sent;
}

/** What is left of pieces when the first `gone` bytes are not there any more. */
function without(pieces: readonly number[], gone: number): number[] {
  const left: number[] = [];
  for (const piece of pieces) {
    if (piece > gone) left.push(piece - gone);
    gone = Math.max(0, gone - piece);
  }
  return left;
}

async function toPipe(args: Arguments, source: LocalFile | null, pipe: WriteEnd, length: number): Promise<number> {
  if (length === 0) return args.number(4) === 0 ? 0 : -EAGAIN;
  const got = source === null ? await receive(args, args.fd(0), length, 0) : source.read(length, offsetOf(args, 1));
  if (typeof got !== 'number') return got.length === 0 ? 0 : pipe.write(got);
  return got <= 0 ? got : pipe.write(pagesOf(0, got));
}

/** Hands pages to what is at argument `index`. */
function put(args: Arguments, index: number, pieces: readonly number[], flags: number): number | Promise<number> {
  const file = args.file(index);
  return file === null ? send(args, args.fd(index), pieces, flags | MSG_SPLICE_PAGES, null) : file.write(pieces);
}

/** `[100]`, or NULL for where the file stands. */
function offsetOf(args: Arguments, index: number): number | undefined {
  return args.isNull(index) ? undefined : numberOf(args.item(index), args.line);
}
