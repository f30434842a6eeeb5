import { MSEC } from '@stack/clock';
import { EAGAIN, EBADF, ECONNREFUSED, EINPROGRESS } from '@stack/plugin';
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  MSG_DONTWAIT,
  SOCK_STREAM,
  TCP_ESTABLISHED,
  TCP_LISTEN,
} from '@stack/sock';
import { expect, test } from 'vitest';
import { AF_INET, blocking, F_SETFL, O_NONBLOCK, SO_RCVTIMEO, SOL_SOCKET } from '../src/index.ts';
import { Puppet, puppetHost } from './puppet.ts';

function waiting() {
  const host = puppetHost();
  const fd = host.calls.socket(AF_INET, SOCK_STREAM);
  return { ...host, fd, puppet: host.made[0], wait: blocking(host.calls) };
}

/** What a promise came to by now; 'waits' when to nothing. */
async function soFar(promise: Promise<number>): Promise<number | string> {
  await new Promise((resolve) => setImmediate(resolve));
  return Promise.race([promise, Promise.resolve('waits')]);
}

test('connect waits for the end of the handshake', async () => {
  const { clock, fd, puppet, wait } = waiting();
  const connected = wait.connect(fd, 1, 80);
  clock.drain();
  expect(await soFar(connected)).toBe('waits');
  puppet.state = TCP_ESTABLISHED;
  puppet.become(EPOLLOUT);
  expect(await clock.settle(connected)).toBe(0);
});

test('a time limit ends a call that waits', async () => {
  const { clock, calls, fd, wait } = waiting();
  calls.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(BigInt64Array.of(1n, 0n).buffer));
  const read = wait.recv(fd, new Uint8Array(9));
  clock.runUntil(clock.now() + 999 * MSEC);
  expect(await soFar(read)).toBe('waits');
  clock.runUntil(clock.now() + MSEC);
  expect(await soFar(read)).toBe(-EAGAIN);
});

test('connect tells why it failed', async () => {
  const { clock, fd, puppet, wait } = waiting();
  const connected = wait.connect(fd, 1, 80);
  puppet.err = ECONNREFUSED;
  puppet.become(EPOLLERR | EPOLLHUP);
  expect(await clock.settle(connected)).toBe(-ECONNREFUSED);
});

test('recv waits for bytes, and for bytes only', async () => {
  const { clock, fd, puppet, wait } = waiting();
  const received = wait.recv(fd, new Uint8Array(8));
  puppet.become(EPOLLOUT);
  clock.drain();
  expect(await soFar(received)).toBe('waits');
  puppet.answer = 3;
  puppet.become(EPOLLIN);
  expect(await clock.settle(received)).toBe(3);
});

test('recv ends when reading was shut down', async () => {
  const { clock, fd, puppet, wait } = waiting();
  const received = wait.recv(fd, new Uint8Array(8));
  puppet.become(EPOLLRDHUP);
  expect(await clock.settle(received)).toBe(0);
});

test('send takes up room until all is sent', async () => {
  const { clock, fd, puppet, wait } = waiting();
  puppet.answer = -EAGAIN;
  const sent = wait.send(fd, new Uint8Array(10));
  clock.drain();
  expect(await soFar(sent)).toBe('waits');
  puppet.answer = 5;
  puppet.become(EPOLLOUT);
  expect(await clock.settle(sent)).toBe(10);
  expect(puppet.calls.slice(-2)).toEqual(['send 0 10 0', 'send 0 5 0']);
});

test('accept waits for a connection; several may wait at once', async () => {
  const { clock, calls, fd, puppet, wait } = waiting();
  puppet.state = TCP_LISTEN;
  const [first, second] = [wait.accept(fd), wait.accept(fd)];
  puppet.waiting.push(new Puppet());
  puppet.become(EPOLLIN);
  expect(await clock.settle(first)).toBe(1);
  puppet.events = 0;
  expect(await soFar(second)).toBe('waits');
  puppet.waiting.push(new Puppet());
  puppet.become(EPOLLIN);
  expect(await clock.settle(second)).toBe(2);
  expect(calls.files.size).toBe(3);
});

test('O_NONBLOCK and MSG_DONTWAIT do not wait', async () => {
  const { calls, clock, fd, wait } = waiting();
  expect(await clock.settle(wait.recv(fd, new Uint8Array(1), MSG_DONTWAIT))).toBe(-EAGAIN);
  calls.fcntl(fd, F_SETFL, O_NONBLOCK);
  expect(await clock.settle(wait.recv(fd, new Uint8Array(1)))).toBe(-EAGAIN);
  expect(await clock.settle(wait.connect(fd, 1, 80))).toBe(-EINPROGRESS);
});

test('closing ends what waits', async () => {
  const { calls, clock, fd, wait } = waiting();
  const other = calls.socket(AF_INET, SOCK_STREAM);
  const [received, connected] = [wait.recv(fd, new Uint8Array(1)), wait.connect(other, 1, 80)];
  clock.drain();
  calls.close(fd);
  calls.close(other);
  expect(await clock.settle(received)).toBe(-EBADF);
  expect(await clock.settle(connected)).toBe(-EBADF);
  expect(await clock.settle(wait.send(9, new Uint8Array(1)))).toBe(-EBADF);
});
