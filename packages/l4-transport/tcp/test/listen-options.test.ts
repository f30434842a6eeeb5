import { EINVAL } from '@stack/plugin';
import { EPOLLIN, MsgHdr, TCP_ESTABLISHED } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { TCP_DEFER_ACCEPT, TCP_INQ, TCP_SAVE_SYN, TCP_SAVED_SYN } from '../src/index.ts';
import { BOB, byHand, SYN_OPTIONS, type End } from './ends.ts';

const get = (end: End, name: number): number | Uint8Array => end.sk.proto.getsockopt(end.sk, 6, name);

describe('TCP_DEFER_ACCEPT', () => {
  const deferring = (seconds: number) => {
    const lab = byHand();
    const listener = lab.alice.open().listen(80);
    listener.option(TCP_DEFER_ACCEPT, seconds);
    lab.peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
    lab.peer.theirs = lab.peer.take()[0].seq;
    lab.peer.say({ flags: '.' });
    return { ...lab, listener };
  };

  test('rounds up to what retransmissions take', () => {
    const { listener } = deferring(5);
    expect(get(listener, TCP_DEFER_ACCEPT)).toBe(7);
    listener.option(TCP_DEFER_ACCEPT, 0);
    expect(get(listener, TCP_DEFER_ACCEPT)).toBe(0);
  });

  test('a connection is accepted with its first data', () => {
    const { alice, peer, listener } = deferring(10);
    expect([listener.poll(), alice.count('TcpExtTCPDeferAcceptDrop')]).toEqual([0, 1]);
    peer.say({ seq: 1, payload: 4 });
    expect(listener.poll()).toBe(EPOLLIN);
    expect(listener.accept()!.recv()).toBe(4);
  });

  test('SYN-ACK is not repeated to who has answered, but once at the end; then it is accepted without data', () => {
    const { peer, run, listener } = deferring(7);
    run(5000);
    expect(peer.heard()).toEqual([]);
    run(4000);
    expect(peer.heard()).toEqual(['S. 0:0(0) 1']);
    peer.say({ flags: '.' });
    expect(listener.accept()!.state).toBe(TCP_ESTABLISHED);
  });

  test('a client does not acknowledge SYN-ACK at once', () => {
    const { alice, peer, run } = byHand();
    const client = alice.open();
    client.option(TCP_DEFER_ACCEPT, 1);
    client.connect(BOB, 80);
    const [syn] = peer.take();
    [peer.theirs, peer.sport, peer.dport] = [syn.seq, 80, syn.sport];
    peer.say({ flags: 'S.', seq: 0, ack: 1, options: SYN_OPTIONS });
    expect(peer.heard()).toEqual([]);
    run(300);
    expect(peer.heard()).toEqual(['. 1:1(0) 1']);
  });
});

test('TCP_SAVE_SYN keeps the headers of the SYN for one look', () => {
  const { alice, peer, run } = byHand();
  const listener = alice.open().listen(80);
  expect([listener.option(TCP_SAVE_SYN, 3), listener.option(TCP_SAVE_SYN, 1)]).toEqual([-EINVAL, 0]);
  peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
  peer.theirs = peer.take()[0].seq;
  run(10);
  peer.say({ flags: '.' });
  const server = listener.accept()!;
  const saved = get(server, TCP_SAVED_SYN) as Uint8Array;
  expect([saved.length, saved[0], saved[9], saved[33]]).toEqual([52, 0x45, 6, 0x02]); // IP, TCP, SYN, 12 bytes of options
  expect(get(server, TCP_SAVED_SYN)).toEqual(new Uint8Array(0));
});

test('TCP_INQ tells what is left to read', () => {
  const { peer, accepted } = byHand();
  const { server } = accepted();
  peer.say({ seq: 1, payload: 100 });
  const msg = new MsgHdr();
  expect([server.recv(10, 0, msg), msg.inq]).toEqual([10, -1]);
  expect([server.option(TCP_INQ, 2), server.option(TCP_INQ, 1)]).toEqual([-EINVAL, 0]);
  expect([server.recv(10, 0, msg), msg.inq]).toEqual([10, 80]);
  expect([server.recv(80, 0, msg), msg.inq]).toEqual([80, 0]);
  peer.say({ flags: 'F.', seq: 101 });
  expect([server.recv(80, 0, msg), msg.inq]).toEqual([0, 1]);
});
