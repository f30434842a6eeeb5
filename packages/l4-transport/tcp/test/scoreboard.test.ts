import { ETIMEDOUT } from '@stack/plugin';
import { TCP_CLOSE } from '@stack/sock';
import { expect, test } from 'vitest';
import { TCP_USER_TIMEOUT } from '../src/index.ts';
import { byHand, type Said } from './ends.ts';

const STAMPED = { mss: 1460, sackPermitted: true as const, timestamps: { value: 1, echo: 0 } };

test('what was sent again, was not lost after all, and then is, is sent once more and counted once', () => {
  const { alice, peer, run, accepted } = byHand();
  alice.tcp.sysctl.tcp_early_retrans = 0; // no loss probe before the time-out
  const { server } = accepted(STAMPED);
  let value = 2;
  const ack = (upTo: number, echo: number, more: Said = {}): void =>
    peer.say({ flags: '.', ack: upTo, options: { timestamps: { value: value++, echo } }, ...more });
  server.send(1000);
  const [first] = peer.take();
  run(300);
  expect(peer.take().length).toBe(1);
  // A part of the first transmission arrived: the time-out was premature.
  ack(501, first.options.timestamps!.value);
  expect(server.sk.loss).toMatchObject({ lostOut: 0, retransOut: 1 });
  run(2000);
  expect(peer.take().length).toBeGreaterThan(0);
  expect([server.sk.snd.packetsOut, server.sk.loss.retransOut]).toEqual([1, 1]);
  ack(1001, first.options.timestamps!.value);
  expect([server.sk.snd.packetsOut, server.sk.loss.retransOut]).toEqual([0, 0]);
});

test('without SACK, the first lost segment is cut off as it was counted, and joined to what a segment holds now', () => {
  const { alice, peer, run, accepted } = byHand();
  alice.tcp.sysctl.tcp_early_retrans = 0;
  const { server } = accepted({ mss: 500 });
  server.send(1000);
  expect(server.sk.rtxQueue.length).toBe(1);
  server.send(500);
  server.send(500);
  // Now a segment could take it all at once.
  server.sk.snd.mss = 1000;
  peer.take();
  for (let i = 0; i < 3; i++) peer.say({ flags: '.' });
  expect(peer.heard()).toEqual(['P. 1:1001(1000) 1']);
  const { loss, snd } = server.sk;
  expect(loss).toMatchObject({ lostOut: 1, retransOut: 1 });
  expect(snd.packetsOut - loss.sackedOut - loss.lostOut).toBeGreaterThanOrEqual(0);
  peer.say({ flags: '.', ack: 2001 });
  run(100);
  expect([snd.packetsOut, loss.lostOut, loss.retransOut, loss.sackedOut]).toEqual([0, 0, 0, 0]);
});

test('TCP_USER_TIMEOUT ends a connection whose window was taken back, without a storm before', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  server.option(TCP_USER_TIMEOUT, 5000);
  server.send(1000);
  peer.say({ flags: '.', win: 0 });
  run(60_000);
  expect(server.state).toBe(TCP_CLOSE);
  expect(peer.take().length).toBeLessThan(12);
  expect(server.recv()).toBe(-ETIMEDOUT);
});
