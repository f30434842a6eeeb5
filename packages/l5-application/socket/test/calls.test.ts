import {
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  EALREADY,
  EBADF,
  ECONNREFUSED,
  EFAULT,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  EMFILE,
  ENOTCONN,
  ENOTSOCK,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
} from '@stack/plugin';
import {
  EPOLLIN,
  EPOLLOUT,
  SOCK_DGRAM,
  SOCK_STREAM,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_SYN_SENT,
} from '@stack/sock';
import { describe, expect, test } from 'vitest';
import {
  AF_INET,
  errnoError,
  F_GETFL,
  F_SETFL,
  FIONBIO,
  O_NONBLOCK,
  O_RDWR,
  POLLNVAL,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_NONBLOCK,
} from '../src/index.ts';
import { Puppet, puppetHost } from './puppet.ts';

describe('descriptors', () => {
  test('are the lowest that is free, up to the limit', () => {
    const { calls } = puppetHost({ files: 3 });
    const open = (): number => calls.socket(AF_INET, SOCK_STREAM);
    expect([open(), open(), open(), open()]).toEqual([0, 1, 2, -EMFILE]);
    expect([calls.close(1), calls.close(0), calls.close(1)]).toEqual([0, 0, -EBADF]);
    expect([open(), open(), open()]).toEqual([0, 1, -EMFILE]);
    expect(calls.files.size).toBe(3);
  });

  test('what is no socket, or not open, is refused', () => {
    const { calls } = puppetHost();
    const epoll = calls.epollCreate();
    expect([calls.bind(epoll, 0, 1), calls.bind(7, 0, 1), calls.bind(-1, 0, 1)]).toEqual([-ENOTSOCK, -EBADF, -EBADF]);
    expect(calls.poll([{ fd: 7, events: EPOLLIN, revents: 0 }])).toBe(1);
    const fds = [
      { fd: 9, events: EPOLLIN, revents: 0 },
      { fd: -1, events: EPOLLIN, revents: 5 },
    ];
    calls.poll(fds);
    expect(fds.map(({ revents }) => revents)).toEqual([POLLNVAL, 0]);
  });

  test('closing the host closes what is open', () => {
    const { calls, made, host } = puppetHost();
    calls.socket(AF_INET, SOCK_STREAM);
    host.close();
    expect(made[0].calls).toEqual(['close']);
  });
});

test('kinds of sockets that do not exist', () => {
  const { calls } = puppetHost();
  expect(calls.socket(10, SOCK_STREAM)).toBe(-EAFNOSUPPORT);
  expect(calls.socket(AF_INET, SOCK_DGRAM)).toBe(-ESOCKTNOSUPPORT);
  expect(calls.socket(AF_INET, SOCK_STREAM, 6)).toBe(-EPROTONOSUPPORT);
  expect(() => calls.create(SOCK_DGRAM)).toThrow(expect.objectContaining({ code: 'ERR_STACK_SOCKET_KIND' }));
});

test('O_NONBLOCK is kept', () => {
  const { calls } = puppetHost();
  const fd = calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  expect(calls.fcntl(fd, F_GETFL)).toBe(O_RDWR | O_NONBLOCK);
  calls.fcntl(fd, F_SETFL, 0);
  expect(calls.fcntl(fd, F_GETFL)).toBe(O_RDWR);
  calls.ioctl(fd, FIONBIO, 1);
  expect(calls.fcntl(fd, F_GETFL)).toBe(O_RDWR | O_NONBLOCK);
});

test('bytes outside of the array are refused before the protocol sees them', () => {
  const { calls, made } = puppetHost();
  const file = calls.create(SOCK_STREAM);
  const bytes = new Uint8Array(10);
  expect([file.send(bytes, 5, 6), file.recv(bytes, -1, 2), file.recv(bytes, 0, -1)]).toEqual([
    -EFAULT,
    -EFAULT,
    -EFAULT,
  ]);
  expect(made[0].calls).toEqual([]);
  file.send(bytes, 4);
  expect(made[0].calls).toEqual(['send 4 6 0']);
});

describe('connect of a stream', () => {
  test('is in progress, then already, then done once, then too late', () => {
    const { calls, made } = puppetHost();
    const file = calls.create(SOCK_STREAM);
    expect(file.connect(1, 80)).toBe(-EINPROGRESS);
    made[0].state = TCP_SYN_SENT;
    expect(file.connect(1, 80)).toBe(-EALREADY);
    made[0].state = TCP_ESTABLISHED;
    expect(file.connect(1, 80)).toBe(0);
    expect(file.connect(1, 80)).toBe(-EISCONN);
    expect(made[0].calls).toEqual(['connect 1 80']);
  });

  test('tells why it failed, and may be tried again', () => {
    const { calls, made } = puppetHost();
    const file = calls.create(SOCK_STREAM);
    file.connect(1, 80);
    made[0].err = ECONNREFUSED;
    expect(file.connect(1, 80)).toBe(-ECONNREFUSED);
    expect(file.connect(1, 81)).toBe(-EINPROGRESS);
    made[0].answer = -EADDRINUSE;
    expect(calls.create(SOCK_STREAM).connect(1, 80)).toBe(-EINPROGRESS);
    expect(made[0].calls).toEqual(['connect 1 80', 'disconnect', 'connect 1 81']);
  });
});

describe('listen and accept', () => {
  test('the backlog is at most somaxconn', () => {
    const { calls, made } = puppetHost();
    const file = calls.create(SOCK_STREAM);
    file.listen(10_000);
    file.listen(-1);
    file.listen(5);
    expect(made[0].calls).toEqual(['listen 4096', 'listen 4096', 'listen 5']);
  });

  test('accept answers -EINVAL, -EAGAIN whatever error waits, or a connection with its peer', () => {
    const { calls, made } = puppetHost();
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    expect(calls.accept4(fd)).toBe(-EINVAL);
    made[0].state = TCP_LISTEN;
    expect(calls.accept4(fd)).toBe(-EAGAIN);
    made[0].err = EADDRINUSE;
    expect([calls.accept4(fd), made[0].err]).toEqual([-EAGAIN, EADDRINUSE]);
    made[0].waiting.push(Object.assign(new Puppet(), { daddr: 5, dport: 6, state: TCP_ESTABLISHED }));
    const peer = { address: 0, port: 0 };
    const child = calls.accept4(fd, peer, SOCK_NONBLOCK);
    expect([child, peer, calls.fcntl(child, F_GETFL) & O_NONBLOCK]).toEqual([1, { address: 5, port: 6 }, O_NONBLOCK]);
    expect(calls.connect(child, 1, 2)).toBe(-EISCONN);
  });

  test('without a free descriptor the connection stays where it is', () => {
    const { calls, made } = puppetHost({ files: 1 });
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    made[0].state = TCP_LISTEN;
    made[0].waiting.push(new Puppet());
    expect(calls.accept4(fd)).toBe(-EMFILE);
    expect(made[0].waiting).toHaveLength(1);
  });
});

test('names of both ends', () => {
  const { calls, made } = puppetHost();
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  const name = { address: 9, port: 9 };
  expect(calls.getpeername(fd, name)).toBe(-ENOTCONN);
  Object.assign(made[0], { rcvSaddr: 0, saddr: 1, boundPort: 2, daddr: 3, dport: 4, state: TCP_ESTABLISHED });
  calls.getsockname(fd, name);
  expect(name).toEqual({ address: 1, port: 2 });
  calls.getpeername(fd, name);
  expect(name).toEqual({ address: 3, port: 4 });
});

test('shutdown', () => {
  const { calls, made } = puppetHost();
  const file = calls.create(SOCK_STREAM);
  expect([file.shutdown(3), file.shutdown(-1), file.shutdown(SHUT_WR)]).toEqual([-EINVAL, -EINVAL, -ENOTCONN]);
  made[0].state = TCP_ESTABLISHED;
  file.shutdown(SHUT_WR);
  file.shutdown(SHUT_RDWR);
  made[0].state = TCP_LISTEN;
  file.shutdown(SHUT_WR);
  file.shutdown(SHUT_RDWR);
  expect(made[0].calls).toEqual(['shutdown 2', 'shutdown 2', 'shutdown 3', 'disconnect']);
});

test('a closed file answers -EBADF to everything, and reset asks for RST', () => {
  const { calls, made } = puppetHost();
  const file = calls.create(SOCK_STREAM);
  expect(file.reset()).toBe(0);
  expect([made[0].settings.linger, made[0].calls, made[0].waiter]).toEqual([0, ['close'], null]);
  const bytes = new Uint8Array(1);
  const answers = [
    file.close(),
    file.bind(0, 0),
    file.listen(1),
    file.accept(),
    file.connect(1, 1),
    file.send(bytes),
    file.recv(bytes),
  ];
  expect(new Set([...answers, file.shutdown(0), file.setOption(1, 2, 1), file.getOption(1, 2), file.ioctl(1)])).toEqual(
    new Set([-EBADF]),
  );
  expect([file.poll(), file.available, file.localPort, file.peerPort]).toEqual([0, 0, 0, 0]);
});

describe('listeners', () => {
  test('are called once for many events, later, with what holds then', () => {
    const { calls, made, clock } = puppetHost();
    const file = calls.create(SOCK_STREAM);
    const seen: number[] = [];
    file.listener = { onReady: (events) => seen.push(events) };
    made[0].become(EPOLLOUT);
    made[0].become(EPOLLIN | EPOLLOUT);
    expect(seen).toEqual([]);
    clock.drain();
    expect(seen).toEqual([EPOLLIN | EPOLLOUT]);
    file.listenAgain();
    clock.drain();
    expect(seen).toHaveLength(2);
    made[0].become(EPOLLIN);
    made[0].events = 0;
    clock.drain();
    expect(seen).toHaveLength(2);
  });

  test('are not called once the file is closed or has another', () => {
    const { calls, made, clock } = puppetHost();
    const file = calls.create(SOCK_STREAM);
    const seen: string[] = [];
    file.listener = { onReady: () => seen.push('first') };
    made[0].become(EPOLLIN);
    file.listener = { onReady: () => seen.push('second'), onClosed: () => seen.push('closed') };
    clock.drain();
    made[0].become(EPOLLIN);
    file.close();
    clock.drain();
    expect(seen).toEqual(['second', 'closed']);
    expect(made[0].state).toBe(TCP_CLOSE);
  });
});

test('errors look as Node shows them', () => {
  const error = errnoError(-ECONNREFUSED, 'connect', '10.0.0.1', 80);
  expect(error.message).toBe('connect ECONNREFUSED 10.0.0.1:80');
  expect({ ...error }).toEqual({
    errno: -ECONNREFUSED,
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: '10.0.0.1',
    port: 80,
  });
  expect(errnoError(EBADF, 'read').message).toBe('read EBADF');
  expect({ ...errnoError(EBADF, 'read') }).toEqual({ errno: -EBADF, code: 'EBADF', syscall: 'read' });
});
