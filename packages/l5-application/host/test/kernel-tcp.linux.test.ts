import { MSG_OOB, SOCK_STREAM } from '@stack/sock';
import { AF_INET, blocking, BsdSockets } from '@stack/socket';
import {
  FastOpenKeys,
  Tcp,
  TCP_FASTOPEN,
  TCP_FASTOPEN_CONNECT,
  TCP_MD5SIG,
  tcpMd5sig,
  tcpSysctlWrite,
} from '@stack/tcp';
import { ipNumber } from '@stack/testing';
import { expect, test } from 'vitest';
import { KERNELS, kernelPeer, OURS, type KernelPeer } from './kernel-peer.ts';

const IPPROTO_TCP = 6;
const PORT = 8080;
const KEY = '01234567-89abcdef-02468ace-13579bdf';
const encoder = new TextEncoder();

/** Answers each connection with what it said; with a password, signed. */
const SERVER = `
import socket, struct, sys
s = socket.socket()
s.setsockopt(6, 23, 5)
if len(sys.argv) > 3:
    key = sys.argv[3].encode()
    s.setsockopt(6, 14, struct.pack('<H2s4s120xBBHi80s', 2, b'', socket.inet_aton('${OURS}'), 0, 0, len(key), 0, key))
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen(5)
print('ready', flush=True)
while True:
    c, _ = s.accept()
    c.send(b'you said ' + c.recv(100))
    c.close()
`;

/** Says hello with data in the SYN, if it can. */
const FAST_CLIENT = `
import socket, sys
for i in range(3):
    s = socket.socket()
    s.sendto(b'hello', socket.MSG_FASTOPEN, (sys.argv[1], int(sys.argv[2])))
    print(s.recv(100).decode())
    s.close()
`;

function calls(peer: KernelPeer) {
  const sockets = peer.host.get(BsdSockets);
  const wait = blocking(sockets);
  const buffer = new Uint8Array(1000);
  const receive = async (fd: number, flags = 0): Promise<string> => {
    const length = await wait.recv(fd, buffer, flags);
    return length < 0 ? String(length) : new TextDecoder().decode(buffer.subarray(0, length));
  };
  const listen = (name: number, value: number | Uint8Array): number => {
    const fd = sockets.socket(AF_INET, SOCK_STREAM);
    sockets.setsockopt(fd, IPPROTO_TCP, name, value);
    expect([sockets.bind(fd, 0, PORT), sockets.listen(fd, 16)]).toEqual([0, 0]);
    return fd;
  };
  /** Answers connections, for as long as there are any. */
  const echo = async (listener: number, times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const fd = await wait.accept(listener);
      await wait.send(fd, encoder.encode(`you said ${await receive(fd)}`));
      sockets.close(fd);
    }
  };
  const ask = async (name: number, value: number | Uint8Array): Promise<string> => {
    const fd = sockets.socket(AF_INET, SOCK_STREAM);
    sockets.setsockopt(fd, IPPROTO_TCP, name, value);
    expect(await wait.connect(fd, ipNumber(KERNELS), PORT)).toBe(0);
    await wait.send(fd, encoder.encode('hello'));
    const answer = await receive(fd);
    sockets.close(fd);
    return answer;
  };
  return { sockets, wait, receive, listen, echo, ask, tcp: peer.host.get(Tcp) };
}

function fastOpenPeer(): KernelPeer {
  const peer = kernelPeer();
  peer.space.run('sysctl', '-qw', 'net.ipv4.tcp_fastopen=3');
  peer.space.run('sysctl', '-qw', `net.ipv4.tcp_fastopen_key=${KEY}`);
  return peer;
}

test('the kernel takes data from our SYN, and its cookie is ours', async () => {
  const peer = fastOpenPeer();
  const { ask, tcp } = calls(peer);
  await peer.serve('python3', '-c', SERVER, KERNELS, `${PORT}`);
  for (let i = 0; i < 3; i++) expect(await ask(TCP_FASTOPEN_CONNECT, 1)).toBe('you said hello');
  expect(tcp.mib.snapshot()).toMatchObject({ TcpExtTCPFastOpenActive: 2, TcpExtTCPFastOpenActiveFail: 0 });
  expect(peer.counters()).toMatchObject({ TcpExtTCPFastOpenPassive: 2, TcpExtTCPFastOpenCookieReqd: 1 });
  const known = tcp.metrics.get(ipNumber(OURS), ipNumber(KERNELS), tcp.jiffies)!.fastOpen!;
  expect(known.cookie.bytes.slice(0, known.cookie.length)).toEqual(
    FastOpenKeys.fromText(KEY)!.cookieFor(ipNumber(OURS), ipNumber(KERNELS)),
  );
});

test('we take data from the kernel\u2019s SYN', async () => {
  const peer = fastOpenPeer();
  const { listen, echo, tcp } = calls(peer);
  expect(tcpSysctlWrite(tcp, 'net.ipv4.tcp_fastopen', '3')).toBe(0);
  const served = echo(listen(TCP_FASTOPEN, 5), 3);
  expect(await peer.exec('python3', '-c', FAST_CLIENT, OURS, `${PORT}`)).toBe('you said hello\n'.repeat(3));
  await served;
  expect(tcp.mib.snapshot()).toMatchObject({ TcpExtTCPFastOpenPassive: 2, TcpExtTCPFastOpenPassiveFail: 0 });
  expect(peer.counters()).toMatchObject({ TcpExtTCPFastOpenActive: 2, TcpExtTCPFastOpenActiveFail: 0 });
});

test('the kernel and we believe each other\u2019s signatures', async () => {
  const peer = kernelPeer();
  const { ask } = calls(peer);
  await peer.serve('python3', '-c', SERVER, KERNELS, `${PORT}`, 'a secret');
  const key = tcpMd5sig(ipNumber(KERNELS), encoder.encode('a secret'));
  expect(await ask(TCP_MD5SIG, key)).toBe('you said hello');
  expect(peer.counters()).toMatchObject({ TcpExtTCPMD5Failure: 0, TcpExtTCPMD5NotFound: 0 });
});

/** Sends urgent bytes, and reads some. */
const URGENT_CLIENT = `
import socket, sys
s = socket.socket()
s.connect((sys.argv[1], int(sys.argv[2])))
s.send(b'ab!', socket.MSG_OOB)
s.send(b'cd')
stream = s.recv(2, socket.MSG_WAITALL)
print(stream.decode(), s.recv(1, socket.MSG_OOB).decode(), s.recv(100).decode())
`;

test('urgent bytes, both ways', async () => {
  const peer = kernelPeer();
  const { sockets, wait, receive, listen } = calls(peer);
  const listener = listen(TCP_FASTOPEN, 0);
  const said = peer.exec('python3', '-c', URGENT_CLIENT, OURS, `${PORT}`);
  const fd = await wait.accept(listener);
  expect([await receive(fd), await receive(fd, MSG_OOB), await receive(fd)]).toEqual(['ab', '!', 'cd']);
  await wait.send(fd, encoder.encode('xy?'), MSG_OOB);
  await wait.send(fd, encoder.encode('z'));
  expect(await said).toBe('xy ? z\n');
  sockets.close(fd);
});
