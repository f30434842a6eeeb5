import { TCP_ESTABLISHED, TCP_SYN_RECV } from '@stack/sock';
import { expect, test } from 'vitest';
import { BOB, byHand, SYN_OPTIONS } from './ends.ts';

const STAMPED = { mss: 1460, timestamps: { value: 1, echo: 0 } };

test('a SYN-ACK that answers the first SYN is taken after the second was sent', () => {
  const { alice, peer, run } = byHand();
  const client = alice.open();
  client.connect(BOB, 80);
  const [syn] = peer.take();
  [peer.theirs, peer.sport, peer.dport] = [syn.seq, 80, syn.sport];
  run(1500);
  expect(peer.take().map(({ flags }) => flags)).toEqual(['S']);
  const echo = syn.options.timestamps!.value;
  peer.say({ flags: 'S.', seq: 0, ack: 1, options: { mss: 1460, timestamps: { value: 1, echo } } });
  expect([client.state, peer.heard()]).toEqual([TCP_ESTABLISHED, ['. 1:1(0) 1']]);
});

test('in a simultaneous open a SYN that comes twice is challenged, and the SYN-ACK ends it', () => {
  const { alice, peer } = byHand();
  const client = alice.open();
  client.connect(BOB, 80);
  const [syn] = peer.take();
  [peer.theirs, peer.sport, peer.dport] = [syn.seq, 80, syn.sport];
  peer.say({ flags: 'S', seq: 0, options: STAMPED });
  expect([client.state, peer.heard()]).toEqual([TCP_SYN_RECV, ['S. 0:0(0) 1']]);
  peer.say({ flags: 'S', seq: 0, options: { mss: 1460, timestamps: { value: 2, echo: 0 } } });
  expect([client.state, peer.heard()]).toEqual([TCP_SYN_RECV, ['. 1:1(0) 1']]);
  const echo = syn.options.timestamps!.value;
  peer.say({ flags: 'S.', seq: 0, ack: 1, options: { mss: 1460, timestamps: { value: 3, echo } } });
  expect(client.state).toBe(TCP_ESTABLISHED);
});

test('a SYN in the window takes no sequence number, in whatever state', () => {
  const { peer, accepted } = byHand();
  const { server } = accepted();
  server.shutdown(2);
  peer.take();
  peer.say({ flags: 'S.', seq: 1, ack: 2 });
  expect(peer.heard()).toEqual(['. 2:2(0) 1']);
});

test('data that overtook the ACK of a cookie do not pass for it', () => {
  const { alice, peer } = byHand();
  alice.tcp.sysctl.tcp_syncookies = 2;
  const listener = alice.open().listen(80);
  peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
  peer.theirs = peer.take()[0].seq;
  // The cookie's low bits tell the MSS: a number that is off by one or two must not read as another.
  for (const seq of [2, 3, 4]) peer.say({ flags: '.', seq, payload: 10 });
  expect([listener.accept(), peer.heard()]).toEqual([null, ['R 1:1(0)', 'R 1:1(0)', 'R 1:1(0)']]);
  peer.say({ flags: '.' });
  expect(listener.accept()?.state).toBe(TCP_ESTABLISHED);
});
