import { TCP_ESTABLISHED } from '@stack/sock';
import { expect, test } from 'vitest';
import { TCP_KEEPIDLE } from '../src/index.ts';
import { BOB, byHand, twoHosts } from './ends.ts';
test('window of SYN', () => {
  const { alice, peer } = byHand();
  alice.open().connect(BOB, 80);
  expect(peer.take()[0].win).toBe(64_240);
});
test('SO_KEEPALIVE on a connection', () => {
  const { peer, run, accepted } = byHand();
  const { server } = accepted();
  server.option(TCP_KEEPIDLE, 10);
  server.sk.change({ keepOpen: true });
  server.sk.proto.setsockopt(server.sk, 1, 9, 1);
  run(11_500);
  expect([server.state, peer.heard()]).toEqual([TCP_ESTABLISHED, ['. 0:0(0) 1']]);
});
test('rtt sample at time 0', () => {
  const { pair } = twoHosts({ delay: 0 });
  const { server } = pair();
  expect(server.sk.rtt.srtt).toBeGreaterThan(0);
});
