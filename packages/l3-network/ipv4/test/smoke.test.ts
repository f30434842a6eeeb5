import { expect, test } from 'vitest';
import { machine } from '@stack/testing';
import { parseIpv4 } from '@stack/ipv4';
import { connect, Station } from './network.ts';

test('two hosts ping each other', () => {
  const lab = machine();
  const alice = new Station(lab, 'alice');
  const bob = new Station(lab, 'bob');
  const a = alice.wire('02:00:00:00:00:01', '10.0.0.1/24');
  const b = bob.wire('02:00:00:00:00:02', '10.0.0.2/24');
  connect(a, b);
  const replies: number[] = [];
  alice.net.icmp.listen(77, { reply: (skb) => replies.push(skb.len), error: () => {} });
  const payload = new TextEncoder().encode('hello');
  expect(alice.net.ping({ daddr: parseIpv4('10.0.0.2'), id: 77, sequence: 1, payload })).toBe(0);
  lab.clock.drain();
  expect(replies).toEqual([13]);
  console.log(a.take().map((f) => f.arp ?? f.icmp), alice.net.mib.nonZero(), bob.net.mib.nonZero(), alice.net.icmp.mib.nonZero());
  expect(alice.net.ping({ daddr: parseIpv4('127.0.0.1'), id: 77, sequence: 1, payload })).toBe(0);
  lab.clock.drain();
  expect(replies.length).toBe(2);
});
