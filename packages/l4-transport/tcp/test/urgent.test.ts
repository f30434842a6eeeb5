import { EAGAIN, EINVAL } from '@stack/plugin';
import { EPOLLPRI, MSG_OOB, MSG_PEEK, MsgHdr } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { SIOCATMARK, SIOCINQ } from '../src/index.ts';
import { byHand, twoHosts, type End } from './ends.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ioctl = (end: End, request: number): number => end.sk.proto.ioctl(end.sk, request);
const oob = (end: End, flags = 0): string | number => end.text(MSG_OOB | flags);

describe('an urgent byte', () => {
  test('is announced by URG and a pointer behind it', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    server.send('abc', MSG_OOB);
    expect(peer.take().map((s) => [s.flags, s.urg, s.payload.length])).toEqual([['PU.', 3, 3]]);
    server.send('def');
    expect(peer.take()[0].flags).toBe('P.'); // it begins behind the urgent byte
    peer.say({ flags: '.', ack: 7 });
    server.send('ghi');
    expect(peer.take().map((s) => [s.flags, s.urg])).toEqual([['P.', 0]]);
  });

  test('stays announced until it is acknowledged, in retransmissions too', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    server.send('abc', MSG_OOB);
    run(3000);
    const again = peer.take();
    expect(again.length).toBeGreaterThan(1);
    expect(again.every((s) => s.urg === 3)).toBe(true);
  });

  test('is told of though the window is closed', () => {
    const { peer, run, accepted } = byHand();
    const { server } = accepted();
    peer.say({ flags: '.', win: 0 });
    server.send('abc', MSG_OOB);
    run(1000);
    expect(peer.take().some((s) => s.flags.includes('U') && s.payload.length === 0)).toBe(true);
  });

  test('is read out of band, once, and left out of the stream', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    peer.say({ flags: 'PU.', urg: 3, payload: bytes('abcde') });
    expect([server.woken & EPOLLPRI, server.poll() & EPOLLPRI]).toEqual([EPOLLPRI, EPOLLPRI]);
    expect([ioctl(server, SIOCINQ), ioctl(server, SIOCATMARK)]).toEqual([2, 0]);
    expect([oob(server, MSG_PEEK), oob(server), oob(server)]).toEqual(['c', 'c', -EINVAL]);
    expect(server.text()).toBe('ab'); // the reader shall notice
    expect([ioctl(server, SIOCATMARK), ioctl(server, SIOCINQ)]).toEqual([1, 0]);
    expect([server.text(), ioctl(server, SIOCATMARK)]).toEqual(['de', 0]);
    peer.say({ seq: 6, payload: bytes('fgh') });
    expect(server.text()).toBe('fgh');
  });

  test('unread, is skipped', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    peer.say({ flags: 'PU.', urg: 1, payload: bytes('abc') });
    expect(server.text()).toBe('bc');
    expect(oob(server)).toBe(-EINVAL);
  });

  test('with SO_OOBINLINE is a byte of the stream, where reading stops before it', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    server.sk.change({ oobInline: true });
    peer.say({ flags: 'PU.', urg: 3, payload: bytes('abcde') });
    expect([oob(server), server.text(), server.text()]).toEqual([-EINVAL, 'ab', 'cde']);
  });

  test('may be announced before it comes', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    peer.say({ flags: 'U.', urg: 6, payload: bytes('abc') });
    expect([oob(server), server.text()]).toEqual([-EAGAIN, 'abc']);
    peer.say({ seq: 4, payload: bytes('def') });
    const msg = new MsgHdr();
    expect([server.recv(1, MSG_OOB, msg), msg.flags]).toEqual([1, MSG_OOB]);
    expect(server.text()).toBe('de');
    expect(server.text()).toBe(-EAGAIN);
  });

  test('a newer one takes its place', () => {
    const { peer, accepted } = byHand();
    const { server } = accepted();
    peer.say({ flags: 'U.', urg: 1, payload: bytes('a') });
    peer.say({ flags: 'U.', seq: 2, urg: 1, payload: bytes('b') });
    expect(oob(server)).toBe('b');
  });

  test('with tcp_stdurg, the pointer means the byte itself', () => {
    const { alice, peer, accepted } = byHand();
    alice.tcp.sysctl.tcp_stdurg = true;
    const { server } = accepted();
    peer.say({ flags: 'U.', urg: 1, payload: bytes('abc') });
    expect([oob(server), server.text(), server.text()]).toEqual(['b', 'a', 'c']);
  });
});

test('a long stream with urgent bytes arrives whole', () => {
  const { pair, run } = twoHosts();
  const { client, server, listener } = pair();
  server.sk.change({ oobInline: true });
  let sent = 0;
  let got = 0;
  for (let i = 0; i < 50; i++) {
    sent += client.send(3000 + i, i % 7 === 0 ? MSG_OOB : 0);
    run(30);
    for (let n = server.recv(); n > 0; n = server.recv()) got += n;
  }
  expect(got).toBe(sent);
  for (const end of [client, server, listener]) end.close();
  run(130_000);
});
