import { execFileSync } from 'node:child_process';
import { closeSync, readlinkSync, writeSync } from 'node:fs';
import { StackError } from '@stack/plugin';
import { networkNamespace } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { loadLibc } from '../src/libc.ts';
import { openTap } from '../src/open-tap.ts';
import { Poller, POLLIN, POLLOUT } from '../src/poller.ts';

const libc = loadLibc();

describe('opening', () => {
  test('makes the interface where it is asked for, and stays outside', () => {
    const { name, run } = networkNamespace();
    const outside = readlinkSync('/proc/self/ns/net');
    const fd = openTap(libc, 'tap0', name);
    expect(readlinkSync('/proc/self/ns/net')).toBe(outside);
    expect(run('ip', 'link', 'show', 'tap0')).toContain('tap0: <BROADCAST,MULTICAST>');
    expect(execFileSync('ip', ['link'], { encoding: 'utf8' })).not.toContain('tap0:');
    closeSync(fd);
    expect(run('ip', 'link')).not.toContain('tap0');
  });

  const failure = (open: () => number): StackError => {
    try {
      closeSync(open());
    } catch (error) {
      if (error instanceof StackError) return error;
      throw error;
    }
    throw new Error('nothing was thrown');
  };

  test('says what to do when it cannot', () => {
    const { name, run } = networkNamespace();
    expect(failure(() => openTap(libc, 'tap0', 'no-such-namespace')).remedy).toBe(
      'make it: ip netns add no-such-namespace',
    );
    expect(failure(() => openTap(libc, 'a-name-that-is-too-long')).code).toBe('ERR_STACK_TAP_NAME');
    expect(failure(() => openTap(libc, 'tap%d')).code).toBe('ERR_STACK_TAP_NAME');
    const fd = openTap(libc, 'tap0', name);
    expect(failure(() => openTap(libc, 'tap0', name)).message).toContain('tap0 is in use');
    closeSync(fd);
    run('ip', 'link', 'add', 'wire0', 'type', 'veth', 'peer', 'name', 'wire1');
    expect(failure(() => openTap(libc, 'wire0', name)).message).toContain('is no TAP device');
  });
});

describe('the poller', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

  test('waits for many descriptors in one thread, once for each time it is told', async () => {
    const poller = new Poller(libc);
    const fds = Array.from({ length: 10 }, () => libc.eventfd(0, 0o4000));
    const calls: number[] = [];
    const watches = fds.map((fd, i) => poller.watch(fd, () => calls.push(i)));
    watches.forEach((watch) => watch.arm(POLLIN));
    await turn();
    expect(calls).toEqual([]);
    watches[7].arm(POLLOUT);
    await turn();
    expect(calls).toEqual([7]);
    const one = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);
    for (const i of [7, 3, 9]) writeSync(fds[i], one);
    await turn();
    expect(calls).toEqual([7, 3, 9]);
    watches[7].arm(POLLIN);
    watches[3].close();
    await turn();
    expect(calls).toEqual([7, 3, 9, 7]);
    watches.forEach((watch) => watch.close());
    fds.forEach(closeSync);
  });
});
