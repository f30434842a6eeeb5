import { EAGAIN } from '@stack/plugin';
import { expect, test } from 'vitest';
import { smallHost } from './small-host.ts';

test('the most exact socket gets the datagram: connected, then address, then wildcard', () => {
  const { open, bound } = smallHost();
  const sender = bound(1000);
  const open53 = (address: string) => {
    const end = open();
    end.sk.change({ reuse: true });
    end.bind(address, 53);
    return end;
  };
  const [any, exact, connected] = [open53('0.0.0.0'), open53('10.0.0.1'), open53('10.0.0.1')];
  connected.connect('10.0.0.1', 1000);
  sender.sendTo('10.0.0.1', 53, 'to the connected');
  open().sendTo('10.0.0.1', 53, 'to the exact');
  open().sendTo('127.0.0.1', 53, 'to the wildcard');
  expect([connected.recv(), exact.recv(), any.recv()]).toEqual(['to the connected', 'to the exact', 'to the wildcard']);
});

test('a multicast datagram goes to every socket that wants it', () => {
  const { open, bound, udp } = smallHost();
  const ends = [0, 1, 2].map(() => {
    const end = open();
    end.sk.change({ reuse: true });
    end.bind('0.0.0.0', 5353);
    return end;
  });
  const other = bound(5354);
  ends[2].connect('10.0.0.1', 9);
  const sender = open();
  expect(sender.sendTo('224.0.0.251', 5353, 'who has?')).toBe(8);
  expect(ends.map((end) => end.recv())).toEqual(['who has?', 'who has?', -EAGAIN]);
  expect(other.recv()).toBe(-EAGAIN);
  sender.sendTo('224.0.0.251', 5000, 'nobody');
  expect(udp.mib.get('UdpIgnoredMulti')).toBe(1);
});

test('multicast has a TTL of its own', () => {
  const { ip, open } = smallHost();
  const sender = open();
  sender.sk.change({ ttl: 64 });
  sender.sendTo('224.0.0.251', 5353, 'near');
  sender.sk.proto.setsockopt(sender.sk, 0, 33, 20);
  sender.sendTo('224.0.0.251', 5353, 'far');
  expect(ip.sent.map(({ ttl }) => ttl)).toEqual([1, 20]);
});

test('SO_REUSEPORT shares senders among sockets', () => {
  const { open } = smallHost();
  const ends = [0, 1].map(() => {
    const end = open();
    end.sk.change({ reuseport: true });
    end.bind('0.0.0.0', 53);
    return end;
  });
  for (let i = 0; i < 40; i++) open().sendTo('10.0.0.1', 53, 'x');
  const counts = ends.map((end) => end.sk.receiveQueue.length);
  expect(counts[0] + counts[1]).toBe(40);
  expect(Math.min(...counts)).toBeGreaterThan(5);
});

test('ports run out, and come back', () => {
  const { open, udp } = smallHost();
  udp.table.net.localPortLow = 40_000;
  udp.table.net.localPortHigh = 40_001;
  const ends = [open(), open(), open()];
  expect(ends.map((end) => end.sendTo('10.0.0.1', 1, 'x'))).toEqual([1, 1, -EAGAIN]);
  ends[0].close();
  expect(ends[2].sendTo('10.0.0.1', 1, 'x')).toBe(1);
});
