import { expect, test } from 'vitest';
import { twoHosts } from './ends.ts';

/** Own fields of a socket, and of the groups of its state that exist. */
function fields(sk: object): number {
  const groups = ['snd', 'rcv', 'ack', 'rtt', 'cc', 'opt', 'disorder'].map((name) => Reflect.get(sk, name));
  return [sk, ...groups].filter((part) => part !== null).reduce((sum, part) => sum + Object.keys(part).length, 0);
}

test('a connection that waits is small: what is set, in flight, lost or out of order is kept elsewhere', () => {
  const { client, server } = twoHosts().pair();
  expect(fields(server.sk)).toBeLessThanOrEqual(128);
  expect(fields(client.sk)).toBeLessThanOrEqual(128);
  expect(client.sk.settings).toBe(server.sk.settings);
  expect(client.sk.disorder).toBeNull();
});
