import { TCP_FIN_WAIT2 } from '@stack/sock';
import { expect, test } from 'vitest';
import { byHand, SYN_OPTIONS } from './ends.ts';

test('closed, and the peer sends more: RST', () => {
  const { peer, accepted } = byHand();
  const { server } = accepted();
  server.close();
  expect(peer.heard()).toEqual(['F. 1:1(0) 1']);
  peer.say({ ack: 2 });
  peer.say({ ack: 2, payload: 10 });
  expect(peer.take().map((s) => s.flags)).toEqual(['R']);
});

test('TIME_WAIT answers a FIN that comes again, and makes way for a new SYN', () => {
  const { alice, peer, run, accepted } = byHand();
  const { server } = accepted();
  server.close();
  peer.say({ ack: 2 });
  peer.say({ flags: 'F.', ack: 2 });
  peer.take();
  run(1000);
  peer.say({ flags: 'F.', ack: 2 });
  expect(peer.heard()).toEqual(['. 2:2(0) 2']);
  peer.say({ flags: 'S', seq: 0 }); // old
  run(1000);
  peer.take();
  peer.say({ flags: 'S', seq: 100_000, options: SYN_OPTIONS });
  const [answer] = peer.take();
  expect(answer.flags).toBe('S.');
  expect((answer.seq - peer.theirs) | 0).toBeGreaterThan(65_535);
  expect(alice.tcp.timewaits).toBe(0);
});

test('FIN_WAIT2 hears the peer out', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  server.shutdown(2);
  peer.take();
  peer.say({ ack: 2 });
  expect(server.state).toBe(TCP_FIN_WAIT2);
  run(300_000);
  peer.say({ ack: 2, payload: 5 });
  expect(server.recv()).toBe(5);
});
