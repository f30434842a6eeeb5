import { EADDRINUSE, EAGAIN, ECONNREFUSED, ECONNRESET, EINPROGRESS, EISCONN, ENOTCONN, EPIPE } from '@stack/plugin';
import {
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  MSG_FASTOPEN,
  MsgHdr,
  SOCK_STREAM,
  TCP_CLOSE,
} from '@stack/sock';
import { Tcp, tcp, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT } from '@stack/tcp';
import { describe, expect, test } from 'vitest';
import {
  blocking,
  SHUT_WR,
  SO_ERROR,
  SO_REUSEADDR,
  SO_SNDBUF,
  SOL_SOCKET,
  AF_INET,
  type SocketFile,
} from '../src/index.ts';
import { bytesOf, LOCALHOST, loopbackHost, read } from './loopback-host.ts';

const SECOND = 1_000_000_000;
const IPPROTO_TCP = 6;

function tcpHost() {
  const found = loopbackHost(tcp());
  const { calls, clock } = found;
  /** A socket that listens. */
  const listen = (port: number, backlog = 128): SocketFile => {
    const file = calls.create(SOCK_STREAM);
    expect([file.bind(0, port), file.listen(backlog)]).toEqual([0, 0]);
    return file;
  };
  const open = (port: number): SocketFile => {
    const file = calls.create(SOCK_STREAM);
    expect(file.connect(LOCALHOST, port)).toBe(-EINPROGRESS);
    return file;
  };
  /** Both ends of a connection. */
  const pair = (server: SocketFile): [SocketFile, SocketFile] => {
    const client = open(server.localPort);
    clock.runFor(SECOND / 100);
    return [client, accepted(server)];
  };
  return { ...found, listen, open, pair };
}

function accepted(server: SocketFile): SocketFile {
  const file = server.accept();
  if (typeof file === 'number') throw new Error(`accept answered ${file}`);
  return file;
}

test('connect, accept, and bytes in both directions', () => {
  const { clock, listen, open } = tcpHost();
  const server = listen(80);
  expect(server.accept()).toBe(-EAGAIN);
  const client = open(80);
  clock.runFor(SECOND / 100);
  expect(server.poll()).toBe(EPOLLIN);
  expect(client.poll()).toBe(EPOLLOUT);
  expect([
    client.getOption(SOL_SOCKET, SO_ERROR),
    client.connect(LOCALHOST, 80),
    client.connect(LOCALHOST, 80),
  ]).toEqual([0, 0, -EISCONN]);
  const child = accepted(server);
  expect([child.peerAddress, child.peerPort, child.localPort]).toEqual([LOCALHOST, client.localPort, 80]);
  expect(read(child)).toBe(-EAGAIN);
  expect(client.send(bytesOf('question'))).toBe(8);
  clock.runFor(SECOND / 100);
  expect([child.available, read(child)]).toEqual([8, 'question']);
  child.send(bytesOf('answer'));
  clock.runFor(SECOND / 100);
  expect(read(client)).toBe('answer');
});

describe('ends', () => {
  test('half-closed: one side says no more, the other still speaks', () => {
    const { clock, listen, pair } = tcpHost();
    const [client, child] = pair(listen(80));
    client.send(bytesOf('all of it'));
    expect(client.shutdown(SHUT_WR)).toBe(0);
    clock.runFor(SECOND / 100);
    expect(child.poll() & (EPOLLIN | EPOLLRDHUP)).toBe(EPOLLIN | EPOLLRDHUP);
    expect([read(child), read(child), read(child)]).toEqual(['all of it', 0, 0]);
    expect(client.send(bytesOf('more'))).toBe(-EPIPE);
    expect(child.send(bytesOf('thank you'))).toBe(9);
    child.shutdown(SHUT_WR);
    clock.runFor(SECOND / 100);
    expect([read(client), read(client)]).toEqual(['thank you', 0]);
    expect(client.poll() & EPOLLHUP).toBe(EPOLLHUP);
  });

  test('EPIPE after the peer reset, ECONNRESET before', () => {
    const { clock, listen, pair } = tcpHost();
    const [client, child] = pair(listen(80));
    child.reset();
    clock.runFor(SECOND / 100);
    expect(client.poll() & (EPOLLERR | EPOLLHUP)).toBe(EPOLLERR | EPOLLHUP);
    expect(read(client)).toBe(-ECONNRESET);
    expect(client.send(bytesOf('x'))).toBe(-EPIPE);
    expect(read(client)).toBe(0);
  });

  test('closing with unread bytes resets', () => {
    const { clock, listen, pair } = tcpHost();
    const [client, child] = pair(listen(80));
    client.send(bytesOf('never read'));
    clock.runFor(SECOND / 100);
    child.close();
    clock.runFor(SECOND / 100);
    expect(client.getOption(SOL_SOCKET, SO_ERROR)).toBe(ECONNRESET);
  });

  test('writing to one who has gone', () => {
    const { clock, listen, pair } = tcpHost();
    const [client, child] = pair(listen(80));
    child.close();
    clock.runFor(SECOND / 100);
    expect(read(client)).toBe(0);
    expect(client.send(bytesOf('hello?'))).toBe(6);
    clock.runFor(SECOND / 100);
    expect(client.send(bytesOf('hello?'))).toBe(-EPIPE);
  });
});

test('nobody listens: ECONNREFUSED', () => {
  const { clock, open } = tcpHost();
  const client = open(81);
  clock.runFor(SECOND / 100);
  expect(client.poll() & (EPOLLERR | EPOLLHUP)).toBe(EPOLLERR | EPOLLHUP);
  expect(client.getOption(SOL_SOCKET, SO_ERROR)).toBe(ECONNREFUSED);
  expect(client.send(bytesOf('x'))).toBe(-EPIPE);
});

test('a port that somebody listens on is in use; after he closed, it is not', () => {
  const { calls, listen } = tcpHost();
  const server = listen(80);
  const other = calls.create(SOCK_STREAM);
  other.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
  expect(other.bind(0, 80)).toBe(-EADDRINUSE);
  server.close();
  expect(other.bind(0, 80)).toBe(0);
});

test('TIME_WAIT keeps the port from who does not say SO_REUSEADDR', () => {
  const { calls, clock, pair } = tcpHost();
  const server = calls.create(SOCK_STREAM);
  server.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
  expect([server.bind(0, 80), server.listen(1)]).toEqual([0, 0]);
  const [client, child] = pair(server);
  child.close();
  clock.runFor(SECOND / 100);
  client.close();
  clock.runFor(SECOND / 10);
  server.close();
  const bind = (reuse: number): number => {
    const file = calls.create(SOCK_STREAM);
    file.setOption(SOL_SOCKET, SO_REUSEADDR, reuse);
    const result = file.bind(0, 80);
    file.close();
    return result;
  };
  expect([bind(0), bind(1)]).toEqual([-EADDRINUSE, 0]);
  clock.runFor(70 * SECOND); // timers that far away come up to an eighth late
  expect(bind(0)).toBe(0);
});

test('a full send buffer answers -EAGAIN; reading makes room, and the writer is told', () => {
  const { clock, listen, pair } = tcpHost();
  const [client, child] = pair(listen(80));
  client.setOption(SOL_SOCKET, SO_SNDBUF, 30_000);
  const block = new Uint8Array(16_384).fill(1);
  let sent = 0;
  for (let stalls = 0; stalls < 3;) {
    const result = client.send(block);
    if (result > 0) sent += result;
    else {
      expect(result).toBe(-EAGAIN);
      stalls++;
    }
    clock.runFor(SECOND / 100);
  }
  expect(client.poll() & EPOLLOUT).toBe(0);
  let told = 0;
  client.listener = { onReady: (events) => void (told |= events) };
  const buffer = new Uint8Array(1 << 20);
  let received = 0;
  for (let i = 0; i < 1000 && received < sent; i++) {
    received += Math.max(0, child.recv(buffer));
    clock.runFor(SECOND / 100);
  }
  expect(received).toBe(sent);
  expect(told & EPOLLOUT).toBe(EPOLLOUT);
});

test('one megabyte arrives as it was sent', async () => {
  const { calls, clock } = tcpHost();
  const { accept, connect, recv, send } = blocking(calls);
  const server = calls.socket(AF_INET, SOCK_STREAM);
  calls.bind(server, 0, 80);
  calls.listen(server, 5);
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31) ^ (i >> 8));
  const sending = async (): Promise<number> => {
    const fd = calls.socket(AF_INET, SOCK_STREAM);
    expect(await connect(fd, LOCALHOST, 80)).toBe(0);
    const sent = await send(fd, bytes);
    calls.close(fd);
    return sent;
  };
  const receiving = async (): Promise<Uint8Array> => {
    const fd = await accept(server);
    const got = new Uint8Array(bytes.length + 1);
    let length = 0;
    for (let n = -1; n !== 0; length += n) n = await recv(fd, got.subarray(length));
    calls.close(fd);
    return got.subarray(0, length);
  };
  const [sent, got] = await clock.settle(Promise.all([sending(), receiving()]));
  expect(sent).toBe(bytes.length);
  expect(got).toEqual(bytes);
});

test('a socket that is no connection', () => {
  const { calls } = tcpHost();
  const file = calls.create(SOCK_STREAM);
  expect(file.poll()).toBe(EPOLLOUT | EPOLLHUP);
  expect([read(file), file.send(bytesOf('x')), file.shutdown(SHUT_WR)]).toEqual([-ENOTCONN, -EPIPE, -ENOTCONN]);
  expect(file.sk!.state).toBe(TCP_CLOSE);
});

test('10,000 connections are opened, used and closed, and nothing is left', () => {
  const { calls, clock, host, listen } = tcpHost();
  const server = listen(80, 4096);
  const clients: SocketFile[] = [];
  const children: SocketFile[] = [];
  while (clients.length < 10_000) {
    for (let i = 0; i < 2_000; i++) {
      const file = calls.create(SOCK_STREAM);
      expect(file.connect(LOCALHOST, 80)).toBe(-EINPROGRESS);
      clients.push(file);
    }
    clock.runFor(SECOND);
    while (children.length < clients.length) children.push(accepted(server));
  }
  clients.forEach((client, i) => client.send(bytesOf(`I am ${i} from ${client.localPort}`)));
  clock.runFor(SECOND);
  for (const child of children) expect(read(child)).toMatch(new RegExp(`^I am \\d+ from ${child.peerPort}$`));
  for (const child of children) child.send(bytesOf('welcome'));
  clock.runFor(SECOND);
  for (const client of clients) expect(read(client)).toBe('welcome');
  for (const file of [...clients, ...children, server]) expect(file.close()).toBe(0);
  clock.runFor(300 * SECOND);
  const { hashinfo } = host.get(Tcp);
  expect([hashinfo.ehash.size, hashinfo.bhash.size, hashinfo.lhash.size]).toEqual([0, 0, 0]);
  expect(clock.idle).toBe(true);
  host.close(); // the allocator looks for blocks and buffers that are left
}, 60_000);

describe('Fast Open', () => {
  test('a write with MSG_FASTOPEN connects; connect tells how that goes', () => {
    const { clock, listen, calls, host } = tcpHost();
    host.get(Tcp).sysctl.tcp_fastopen = 0x207;
    const server = listen(80);
    server.setOption(IPPROTO_TCP, TCP_FASTOPEN, 5);
    const client = calls.create(SOCK_STREAM);
    const peer = Object.assign(new MsgHdr(), { address: LOCALHOST, port: 80 });
    expect(client.sendmsg(bytesOf('hello'), 0, 5, MSG_FASTOPEN, peer)).toBe(5);
    expect(client.connect(LOCALHOST, 80)).toBe(0); // over the loopback device it is done by now
    expect(read(accepted(server))).toBe('hello');
    clock.runFor(SECOND / 100);
    expect(client.connect(LOCALHOST, 80)).toBe(-EISCONN);
  });

  test('TCP_FASTOPEN_CONNECT: connected at once, as far as anybody can tell', () => {
    const { clock, listen, calls, host } = tcpHost();
    host.get(Tcp).sysctl.tcp_fastopen = 0x207;
    const server = listen(80);
    server.setOption(IPPROTO_TCP, TCP_FASTOPEN, 5);
    const client = calls.create(SOCK_STREAM);
    client.setOption(IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
    expect([client.connect(LOCALHOST, 80), client.connect(LOCALHOST, 80), client.poll()]).toEqual([
      0,
      -EISCONN,
      EPOLLOUT,
    ]);
    expect(client.send(bytesOf('hello'))).toBe(5);
    clock.runFor(SECOND / 100);
    expect([client.connect(LOCALHOST, 80), read(accepted(server))]).toEqual([0, 'hello']);
  });
});
