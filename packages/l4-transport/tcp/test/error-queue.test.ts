import { EAGAIN, EHOSTUNREACH, EINVAL, ENOMSG } from '@stack/plugin';
import {
  EPOLLERR,
  MSG_ERRQUEUE,
  MSG_ZEROCOPY,
  MsgHdr,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_ID_TCP,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_SOFTWARE,
  SOF_TIMESTAMPING_TX_ACK,
  sockSetTimestamping,
  SO_EE_CODE_ZEROCOPY_COPIED,
  SO_EE_ORIGIN_TIMESTAMPING,
  SO_EE_ORIGIN_ZEROCOPY,
  type SockError,
} from '@stack/sock';
import { expect, test } from 'vitest';
import { BOB, byHand, type End } from './ends.ts';

/** Stamps of acknowledgments, numbered, without the bytes that they are about. */
const PLAIN =
  SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
const set = (end: End, flags: number): number => sockSetTimestamping(end.sk, flags);

/** The next entry, null when there is none. */
function read(end: End): SockError | null {
  const msg = new MsgHdr();
  const result = end.recv(100, MSG_ERRQUEUE, msg);
  if (result === -EAGAIN) return null;
  expect([result, msg.flags]).toEqual([0, MSG_ERRQUEUE]);
  return msg.error;
}

test('MSG_ZEROCOPY: the caller learns that its bytes are free, and were copied', () => {
  const { peer, accepted } = byHand();
  const { server } = accepted();
  server.send('ignored', MSG_ZEROCOPY);
  expect([read(server), server.poll() & EPOLLERR]).toEqual([null, 0]);
  server.sk.change({ zerocopy: true });
  for (let i = 0; i < 3; i++) server.send('bytes', MSG_ZEROCOPY);
  expect(server.poll() & EPOLLERR).toBe(0); // they may have to go again
  peer.say({ ack: 8 });
  peer.say({ ack: 8 + 15 });
  expect(server.poll() & EPOLLERR).toBe(EPOLLERR);
  const copied = { errno: 0, origin: SO_EE_ORIGIN_ZEROCOPY, code: SO_EE_CODE_ZEROCOPY_COPIED };
  expect(read(server)).toMatchObject({ ...copied, info: 0, data: 2 });
  expect(read(server)).toBeNull();
  server.send('bytes', MSG_ZEROCOPY);
  peer.say({ flags: 'R', seq: 1 });
  expect(read(server)).toMatchObject({ ...copied, info: 3, data: 3 });
});

test('time stamps tell when the last byte of a write was acknowledged', () => {
  const { peer, run, accepted, clock } = byHand();
  const { server } = accepted();
  const flags = PLAIN | SOF_TIMESTAMPING_OPT_ID_TCP;
  expect(set(server, SOF_TIMESTAMPING_OPT_ID_TCP)).toBe(-EINVAL);
  server.send('before');
  expect(set(server, flags)).toBe(0);
  expect(server.send(3000)).toBe(3000);
  run(20);
  peer.say({ ack: 7 + 1460 });
  expect(read(server)).toBeNull();
  run(5);
  peer.say({ ack: 7 + 3000 });
  const stamp = { errno: ENOMSG, origin: SO_EE_ORIGIN_TIMESTAMPING, info: 2 };
  expect(read(server)).toMatchObject({ ...stamp, data: 2999, time: clock.now() });
  server.send('more');
  run(3000); // lost, and sent again
  peer.say({ ack: 7 + 3004 });
  expect(read(server)).toMatchObject({ ...stamp, data: 3003 });
  expect(read(server)).toBeNull();
});

test('a time stamp stays with its byte when the rest is sent again', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  set(server, PLAIN);
  server.send(2500);
  run(1500); // a time-out: one segment of them goes again
  peer.say({ ack: 1461 });
  expect(read(server)).toBeNull();
  peer.say({ ack: 2501 });
  expect(read(server)).toMatchObject({ data: 2499 });
});

test('a listener has no bytes to number', () => {
  const { alice } = byHand();
  const listener = alice.open().listen(80);
  expect(set(listener, SOF_TIMESTAMPING_OPT_ID)).toBe(-EINVAL);
  expect(set(listener, 1 << 25)).toBe(-EINVAL);
});

test('with IP_RECVERR, an ICMP error is an error of the connection too', () => {
  const { alice, peer, accepted } = byHand();
  const { server } = accepted();
  server.sk.change({ recvErr: true });
  server.send('x');
  alice.wire.icmp(3, 1, 0, 80, BOB, peer.sport, peer.theirs + 1);
  expect([server.poll() & EPOLLERR, server.recv()]).toEqual([EPOLLERR, -EHOSTUNREACH]);
});
