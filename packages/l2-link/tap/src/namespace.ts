import { closeSync, openSync } from 'node:fs';
import { errnoName, StackError } from '@stack/plugin';
import type { Libc } from './libc.ts';

const CLONE_NEWNET = 0x40000000;
/** Where iproute2 keeps the namespaces that have names. */
const NAMED = '/run/netns';

/** Runs `inside` with this thread in a named network namespace. Throws `ERR_STACK_TAP_NAMESPACE`. */
export function inNamespace<T>(libc: Libc, name: string, inside: () => T): T {
  const outer = openSync('/proc/thread-self/ns/net', 'r');
  const inner = openNamespace(name, outer);
  try {
    enter(libc, inner, name);
    try {
      return inside();
    } finally {
      enter(libc, outer, 'the process');
    }
  } finally {
    closeSync(inner);
    closeSync(outer);
  }
}

function openNamespace(name: string, outer: number): number {
  try {
    return openSync(`${NAMED}/${name}`, 'r');
  } catch (error) {
    closeSync(outer);
    const { code } = error as NodeJS.ErrnoException;
    throw new StackError(
      'ERR_STACK_TAP_NAMESPACE',
      `no network namespace ${name} can be opened (${code})`,
      `make it: ip netns add ${name}`,
    );
  }
}

function enter(libc: Libc, fd: number, name: string): void {
  if (libc.setns(fd, CLONE_NEWNET) === 0) return;
  const problem = `the network namespace of ${name} cannot be entered (${errnoName(libc.errno())})`;
  throw new StackError('ERR_STACK_TAP_NAMESPACE', problem, 'run as root, or with CAP_SYS_ADMIN');
}
