import { Buffer } from 'node:buffer';
import { EAGAIN } from '@stack/plugin';
import { EPOLLERR, EPOLLHUP, EPOLLRDHUP } from '@stack/sock';
import { errnoError } from '@stack/socket';
import type { Socket } from './socket.ts';

/** The most that one 'data' event brings: what node:net brings too. */
const CHUNK = 65_536;
/** Up to this size a slice of Buffer's pool is cheaper than memory of its own. */
const SMALL = 4_096;
/** Reads at one wake-up, so that one connection does not starve the others. */
const MOST_READS = 16;

/** Asked for its end or error only: nothing is read into it. */
const probe = new Uint8Array(1);

/** With these events a read tells more than that nothing has come: the end, or an error. */
const TELLING = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** Moves what has arrived to the readable side, until that is full or nothing is left. `events` are those that hold. */
export function receive(socket: Socket, events: number): void {
  for (let i = 0; i < MOST_READS && socket.wanted; i++) {
    const { file } = socket;
    if (file === null) return;
    const waiting = Math.min(file.available, CHUNK);
    if (waiting === 0 && (events & TELLING) === 0) return;
    const into =
      waiting === 0 ? probe : waiting <= SMALL ? Buffer.allocUnsafe(waiting) : Buffer.allocUnsafeSlow(waiting);
    const length = file.recv(into, 0, into.length, 0);
    if (length <= 0) return finish(socket, length);
    deliver(socket, into === probe ? Buffer.from(probe) : (into as Buffer), length);
  }
  if (socket.wanted) socket.file?.listenAgain();
}

function deliver(socket: Socket, bytes: Buffer, length: number): void {
  socket.bytesRead += length;
  socket.touch();
  if (!socket.push(length === bytes.length ? bytes : bytes.subarray(0, length))) socket.wanted = false;
}

/** Nothing more for now, the peer's end, or an error. */
function finish(socket: Socket, result: number): void {
  if (result === -EAGAIN) return;
  socket.wanted = false;
  if (result < 0) {
    socket.destroy(errnoError(result, 'read'));
    return;
  }
  socket.push(null);
  socket.read(0);
}
