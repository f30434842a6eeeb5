import { IPPROTO_UDP } from '@stack/ipv4';
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  ECONNREFUSED,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOBUFS,
  EPIPE,
} from '@stack/plugin';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, DropReason, icmp, pskbExpandHead, Skbs, udp as header } from '@stack/skb';
import {
  EPOLLERR,
  EPOLLIN,
  EPOLLOUT,
  WOKEN_BY_SPACE,
  EPOLLRDHUP,
  IP_CMSG_TOS,
  IP_CMSG_TTL,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  MsgHdr,
  SO_EE_ORIGIN_ICMP,
} from '@stack/sock';
import { ipNumber } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { smallHost } from './small-host.ts';

test('a datagram arrives with its sender, and the answer goes back', () => {
  const { open, bound, udp } = smallHost();
  const [server, client] = [bound(53), open()];
  expect(client.sendTo('10.0.0.1', 53, 'question')).toBe(8);
  expect(server.woken & EPOLLIN).toBe(EPOLLIN);
  expect(server.poll()).toBe(EPOLLIN | EPOLLOUT);
  expect(server.recv()).toBe('question');
  expect([server.msg.address, server.msg.port]).toEqual([ipNumber('10.0.0.1'), client.sk.boundPort]);
  expect(client.sk.boundPort).toBeGreaterThanOrEqual(32_768);
  expect(server.sendTo('10.0.0.1', server.msg.port, 'answer')).toBe(6);
  expect(client.recv()).toBe('answer');
  expect(server.recv()).toBe(-EAGAIN);
  expect(server.poll()).toBe(EPOLLOUT);
  expect(udp.mib.nonZero()).toEqual({ UdpInDatagrams: 2, UdpOutDatagrams: 2 });
});

test.each([false, true])(
  'the checksum is made and verified; damage is found when the application reads (device sums: %s)',
  (device) => {
    const { ip, open, bound, udp, host } = smallHost();
    const [server, client] = [bound(53), open()];
    ip.deviceChecksums(device);
    let summed = -1;
    ip.onTheWay = (skb) => void (summed = skb.ipSummed);
    client.sendTo('10.0.0.1', 53, 'odd');
    expect(summed).toBe(device ? CHECKSUM_PARTIAL : CHECKSUM_NONE);
    expect(server.recv()).toBe('odd');
    ip.onTheWay = (skb) => {
      skb.ipSummed = CHECKSUM_NONE;
      skb.setU8(9, skb.u8(9) ^ 1);
    };
    client.sendTo('10.0.0.1', 53, 'damaged');
    expect(server.sk.receiveQueue.length).toBe(1);
    expect(server.recv()).toBe(-EAGAIN);
    expect(udp.mib.nonZero()).toMatchObject({ UdpInErrors: 1, UdpInCsumErrors: 1, UdpInDatagrams: 1 });
    expect(host.get(Skbs).drops[DropReason.UDP_CSUM]).toBe(1);
  },
);

test('without a checksum nothing is verified', () => {
  const { ip, open, bound } = smallHost();
  const [server, client] = [bound(53), open()];
  client.sk.noCheckTx = true;
  ip.onTheWay = (skb) => {
    expect(header.check(skb)).toBe(0);
    skb.setU8(8, 'X'.charCodeAt(0));
  };
  client.sendTo('10.0.0.1', 53, 'abc');
  expect(server.recv()).toBe('Xbc');
});

test('bytes after the datagram are padding; one that claims more than there is is dropped', () => {
  const { ip, open, bound, udp } = smallHost();
  const [server, client] = [bound(53), open()];
  ip.onTheWay = (skb) => {
    pskbExpandHead(skb, 0, 6);
    skb.put(6);
  };
  client.sendTo('10.0.0.1', 53, 'abc');
  expect(server.recv()).toBe('abc');
  ip.onTheWay = (skb) => skb.setU16(4, 100);
  client.sendTo('10.0.0.1', 53, 'abc');
  expect(server.recv()).toBe(-EAGAIN);
  expect(udp.mib.get('UdpInErrors')).toBe(1);
});

test('65,507 bytes go through, one more does not, nor more than a length field can hold', () => {
  const { open, bound } = smallHost();
  const [server, client] = [bound(53), open()];
  server.sk.rcvbuf = 1e6;
  client.sk.sndbuf = 1e6;
  const bytes = Uint8Array.from({ length: 65_507 }, (_, i) => 97 + (i % 26));
  expect(client.sendTo('10.0.0.1', 53, bytes)).toBe(65_507);
  expect(server.recv()).toBe(new TextDecoder().decode(bytes));
  expect(client.sendTo('10.0.0.1', 53, new Uint8Array(65_508))).toBe(-EMSGSIZE);
  expect(client.sendTo('10.0.0.1', 53, new Uint8Array(65_536))).toBe(-EMSGSIZE);
  expect(client.sendTo('10.0.0.1', 53, '')).toBe(0);
  expect(server.recv()).toBe('');
});

test('MSG_PEEK leaves it, a small buffer cuts it, MSG_TRUNC tells its length', () => {
  const { open, bound, udp } = smallHost();
  const [server, client] = [bound(53), open()];
  for (const text of ['first', 'second']) client.sendTo('10.0.0.1', 53, text);
  expect([server.recv(MSG_PEEK), server.recv(MSG_PEEK)]).toEqual(['first', 'first']);
  expect(server.recv(0, 2)).toBe('fi');
  expect(server.msg.flags).toBe(MSG_TRUNC);
  expect(server.sk.proto.ioctl(server.sk, 0x541b)).toBe(6);
  const result = server.sk.proto.recvmsg(server.sk, new Uint8Array(1), 0, 1, MSG_TRUNC, null);
  expect(result).toBe(6);
  expect(udp.mib.get('UdpInDatagrams')).toBe(2);
});

test('a full receive buffer drops and counts, and takes again when read', () => {
  const { open, bound, udp, host } = smallHost();
  const [server, client] = [bound(53), open()];
  server.sk.rcvbuf = 4000;
  let arrived = 0;
  for (let i = 0; i < 100 && server.sk.drops === 0; i++) {
    client.sendTo('10.0.0.1', 53, new Uint8Array(500));
    if (server.sk.drops === 0) arrived++;
  }
  expect([arrived > 1, server.sk.rmemAlloc <= 4000]).toEqual([true, true]);
  expect(udp.mib.nonZero()).toMatchObject({ UdpRcvbufErrors: 1, UdpInErrors: 1 });
  expect(host.get(Skbs).drops[DropReason.SOCKET_RCVBUFF]).toBe(1);
  for (let i = 0; i < arrived; i++) expect(server.recv()).not.toBe(-EAGAIN);
  expect([server.sk.rmemAlloc, udp.memory.allocated]).toEqual([0, 0]);
  client.sendTo('10.0.0.1', 53, 'again');
  expect(server.recv()).toBe('again');
});

describe('nobody has the port', () => {
  test('the sender is told by ICMP, a connected one by ECONNREFUSED at its next call', () => {
    const { ip, open, udp, host } = smallHost();
    const client = open();
    expect(client.connect('10.0.0.1', 99)).toBe(0);
    expect(client.send('anybody?')).toBe(8);
    expect(ip.icmp).toEqual([{ type: icmp.DEST_UNREACH, code: icmp.PORT_UNREACH }]);
    expect(client.poll() & EPOLLERR).toBe(EPOLLERR);
    expect(client.recv()).toBe(-ECONNREFUSED);
    expect(client.recv()).toBe(-EAGAIN);
    client.send('again');
    expect(client.send('and again')).toBe(-ECONNREFUSED);
    expect(udp.mib.get('UdpNoPorts')).toBe(2);
    expect(host.get(Skbs).drops[DropReason.NO_SOCKET]).toBe(2);
  });

  test('an unconnected sender hears nothing', () => {
    const { open } = smallHost();
    const client = open();
    client.sendTo('10.0.0.1', 99, 'anybody?');
    expect(client.recv()).toBe(-EAGAIN);
  });
});

test('with IP_RECVERR an unconnected sender reads who complained of what', () => {
  const { open } = smallHost();
  const client = open();
  client.sk.change({ recvErr: true });
  client.sendTo('10.0.0.1', 99, 'anybody?');
  expect(client.poll() & EPOLLERR).toBe(EPOLLERR);
  const bytes = new Uint8Array(100);
  const msg = new MsgHdr();
  const length = client.sk.proto.recvmsg(client.sk, bytes, 0, 100, MSG_ERRQUEUE, msg);
  expect(new TextDecoder().decode(bytes.subarray(0, length))).toBe('anybody?');
  expect([msg.flags, msg.port]).toEqual([MSG_ERRQUEUE, 99]);
  const { errno, origin, type, code, address } = msg.error!;
  expect([errno, origin, type, code]).toEqual([ECONNREFUSED, SO_EE_ORIGIN_ICMP, icmp.DEST_UNREACH, icmp.PORT_UNREACH]);
  expect(address).toBe(ipNumber('10.0.0.1'));
  expect(client.sk.proto.recvmsg(client.sk, bytes, 0, 100, MSG_ERRQUEUE, msg)).toBe(-EAGAIN);
  expect([client.poll() & EPOLLERR, client.recv()]).toEqual([0, -EAGAIN]);
});

test('a connected socket hears its peer only, until it disconnects', () => {
  const { open, bound } = smallHost();
  const [server, friend, stranger] = [bound(53), bound(1000), open()];
  expect(server.connect('10.0.0.1', 1000)).toBe(0);
  stranger.sendTo('10.0.0.1', 53, 'let me in');
  friend.sendTo('10.0.0.1', 53, 'hello');
  expect([server.recv(), server.recv()]).toEqual(['hello', -EAGAIN]);
  expect(server.send('hi')).toBe(2);
  expect(friend.recv()).toBe('hi');
  expect(server.sk.proto.disconnect(server.sk)).toBe(0);
  expect(server.sk.boundPort).toBe(53);
  stranger.sendTo('10.0.0.1', 53, 'now?');
  expect(server.recv()).toBe('now?');
  expect(server.send('to whom')).toBe(-EDESTADDRREQ);
});

test('a port that was not asked for is given back at disconnect', () => {
  const { open, udp } = smallHost();
  const client = open();
  client.connect('10.0.0.1', 53);
  expect([udp.table.size, client.sk.boundPort > 0, client.sk.rcvSaddr]).toEqual([1, true, ipNumber('10.0.0.1')]);
  client.sk.proto.disconnect(client.sk);
  expect([udp.table.size, client.sk.boundPort, client.sk.rcvSaddr]).toEqual([0, 0, 0]);
});

test('the route is asked for once while the peer stays the same', () => {
  const { ip, open, bound } = smallHost();
  bound(53);
  const client = open();
  for (let i = 0; i < 5; i++) client.sendTo('10.0.0.1', 53, 'x');
  expect(ip.routes).toBe(1);
  for (let i = 0; i < 2; i++) client.sendTo('127.0.0.1', 53, 'x');
  expect(ip.routes).toBe(2);
  expect(ip.sent.map(({ saddr }) => saddr)).toEqual([
    ...Array(5).fill(ipNumber('10.0.0.1')),
    ...Array(2).fill(ipNumber('127.0.0.1')),
  ]);
  client.sk.dstCache!.obsolete = true;
  client.sendTo('127.0.0.1', 53, 'x');
  expect(ip.routes).toBe(3);
});

test('what bind refuses', () => {
  const { open, bound } = smallHost();
  const first = bound(53);
  expect(open().bind('0.0.0.0', 53)).toBe(-EADDRINUSE);
  expect(first.bind('0.0.0.0', 54)).toBe(-EINVAL);
  expect(open().bind('10.9.9.9', 54)).toBe(-EADDRNOTAVAIL);
  first.close();
  expect(open().bind('0.0.0.0', 53)).toBe(0);
});

test('what send refuses', () => {
  const { ip, open, bound } = smallHost();
  const client = open();
  expect(client.send('x')).toBe(-EDESTADDRREQ);
  expect(client.sendTo('10.0.0.1', 0, 'x')).toBe(-EINVAL);
  expect(client.sendTo('192.0.2.1', 53, 'x')).toBe(-ENETUNREACH);
  expect(client.connect('192.0.2.1', 53)).toBe(-ENETUNREACH);
  expect([client.sk.daddr, client.sk.dport]).toEqual([0, 0]);
  bound(53);
  ip.refuse = -ENOBUFS;
  expect(client.sendTo('10.0.0.1', 53, 'x')).toBe(1);
  expect(client.sk.home.mib.get('UdpSndbufErrors')).toBe(1);
  ip.refuse = -EMSGSIZE;
  expect(client.sendTo('10.0.0.1', 53, 'x')).toBe(-EMSGSIZE);
  client.connect('10.0.0.1', 53);
  client.sk.proto.shutdown(client.sk, 2);
  expect(client.send('x')).toBe(-EPIPE);
});

test('packets under way fill the send buffer, and the sender is told when there is room', () => {
  const { ip, open, bound } = smallHost();
  bound(53);
  const client = open();
  const held: (() => void)[] = [];
  client.sk.sndbuf = 4000;
  ip.sendDatagram = (_sk, skb) => (held.push(() => skb.consume()), 0);
  let result = 0;
  for (let i = 0; i < 100 && result >= 0; i++) result = client.sendTo('10.0.0.1', 53, new Uint8Array(500));
  expect(result).toBe(-EAGAIN);
  expect(client.poll() & EPOLLOUT).toBe(0);
  client.woken = 0;
  for (const release of held) release();
  expect(client.woken).toBe(WOKEN_BY_SPACE);
  expect(client.poll() & EPOLLOUT).toBe(EPOLLOUT);
});

test('TTL and TOS of the socket, of a message, and as received', () => {
  const { ip, open, bound } = smallHost();
  const [server, client] = [bound(53), open()];
  client.sk.change({ ttl: 9, tos: 0x10 });
  client.sendTo('10.0.0.1', 53, 'a');
  client.sendTo('10.0.0.1', 53, 'b', { ttl: 3, tos: 0x20 });
  expect(ip.sent.map(({ ttl, tos }) => [ttl, tos])).toEqual([
    [9, 0x10],
    [3, 0x20],
  ]);
  server.recv();
  expect([server.msg.ttl, server.msg.tos]).toEqual([-1, -1]);
  server.sk.change({ cmsgFlags: IP_CMSG_TTL | IP_CMSG_TOS });
  server.recv();
  expect([server.msg.ttl, server.msg.tos]).toEqual([3, 0x20]);
});

test('a filter of the socket cuts and refuses', () => {
  const { open, bound, udp } = smallHost();
  const [server, client] = [bound(53), open()];
  server.sk.change({ filter: (skb) => (skb.len > 12 ? 0 : 10) });
  client.sendTo('10.0.0.1', 53, 'long text');
  client.sendTo('10.0.0.1', 53, 'abc');
  expect([server.recv(), server.recv()]).toEqual(['ab', -EAGAIN]);
  expect([server.sk.drops, udp.mib.get('UdpInErrors')]).toEqual([1, 1]);
});

test('after shutdown of reading poll tells the end', () => {
  const { bound } = smallHost();
  const server = bound(53);
  server.sk.proto.shutdown(server.sk, 1);
  expect(server.poll()).toBe(EPOLLIN | EPOLLRDHUP | EPOLLOUT);
});

test('closing frees what was not read', () => {
  const { open, bound, udp } = smallHost();
  const [server, client] = [bound(53), open()];
  client.sendTo('10.0.0.1', 53, 'never read');
  server.close();
  client.close();
  expect([udp.table.size, udp.memory.allocated]).toEqual([0, 0]);
});

test('the protocols are those of IPv4', () => {
  const { ip, lite } = smallHost();
  expect([...ip.protocols.keys()]).toEqual([IPPROTO_UDP, 136]);
  expect(lite.isLite).toBe(true);
});

test('broadcast needs permission', () => {
  const { open, bound } = smallHost();
  const [server, client] = [bound(67), open()];
  expect(client.sendTo('255.255.255.255', 67, 'x')).toBe(-EACCES);
  expect(client.connect('255.255.255.255', 67)).toBe(-EACCES);
  client.sk.change({ broadcast: true });
  expect(client.sendTo('255.255.255.255', 67, 'offer?')).toBe(6);
  expect(server.recv()).toBe('offer?');
});
