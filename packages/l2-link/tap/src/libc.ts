import { createRequire } from 'node:module';
import { StackError } from '@stack/plugin';

/** The system calls that Node lacks. Memory is given by address, so that no call allocates. */
export interface Libc {
  /** These return a negative number when they fail; {@link errno} says why. */
  readv(fd: number, vector: number, count: number): number;
  writev(fd: number, vector: number, count: number): number;
  ioctl(fd: number, request: number, argument: number): number;
  setns(fd: number, kind: number): number;
  eventfd(value: number, flags: number): number;
  /** In a thread of its own. */
  poll(fds: number, count: number, done: () => void): void;
  errno(): number;
  /** Where the bytes of a buffer lie; it must never be resized. */
  addressOf(buffer: ArrayBuffer): number;
}

/** Loads koffi, on first use rather than on import. Throws `ERR_STACK_TAP_PLATFORM` and `ERR_STACK_TAP_KOFFI`. */
export function loadLibc(): Libc {
  if (process.platform !== 'linux') {
    throw new StackError(
      'ERR_STACK_TAP_PLATFORM',
      `there are no TAP devices on ${process.platform}`,
      'use a cable instead, or run on Linux',
    );
  }
  const koffi = loadKoffi();
  const libc = koffi.load(null);
  const poll = libc.func('int poll(intptr_t fds, ulong count, int timeout)');
  return {
    readv: libc.func('intptr_t readv(int fd, intptr_t vector, int count)'),
    writev: libc.func('intptr_t writev(int fd, intptr_t vector, int count)'),
    ioctl: libc.func('int ioctl(int fd, ulong request, intptr_t argument)'),
    setns: libc.func('int setns(int fd, int kind)'),
    eventfd: libc.func('int eventfd(uint value, int flags)'),
    poll: (fds, count, done) => poll.async(fds, count, FOREVER, done),
    errno: koffi.errno,
    addressOf: (buffer) => Number(koffi.address(buffer)),
  };
}

const FOREVER = -1;

function loadKoffi(): typeof import('koffi') {
  try {
    return createRequire(import.meta.url)('koffi') as typeof import('koffi');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = 'install it with its optional dependencies: npm install koffi';
    throw new StackError(
      'ERR_STACK_TAP_KOFFI',
      `koffi, which makes the system calls, cannot be loaded (${reason})`,
      remedy,
    );
  }
}
