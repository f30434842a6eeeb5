import type { Kind } from './kind.ts';
import { HOST_IMPORTS, HOST_NEEDS, twoHosts } from './two-hosts.ts';

export const socketFilter: Kind = {
  kind: 'socket-filter',
  title: 'a socket filter: what of a packet a socket may see',
  needs: ['skb', 'sock'],
  testNeeds: [...HOST_NEEDS, 'ipv4', 'socket'],
  source: `import { ip } from '@stack/skb';
/*type*/import type { SocketFilter } from '@stack/sock';

/** Packets of others than these hosts take no room in the socket's buffer. */
export function CAMEL(addresses/*: readonly number[] */)/*: SocketFilter */ {
  const known = new Set(addresses);
  return (skb) => (known.has(ip.saddr(skb)) ? skb.len : 0);
}
`,
  test: `${HOST_IMPORTS}import { parseIpv4 } from '@stack/ipv4';
import { DropReason, Skbs } from '@stack/skb';
import { SOCK_DGRAM } from '@stack/sock';
import { AF_INET, SO_ATTACH_FILTER, SOL_SOCKET } from '@stack/socket';
import { socketFilterContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { CAMEL } from '../src/index.EXT';

socketFilterContract('NAME', () => CAMEL([parseIpv4('10.0.0.2')]));

test.each([
  ['10.0.0.2', 0],
  ['10.0.0.9', 1],
])('of packets of 10.0.0.2 a socket that knows %s drops %i', (known, dropped) => {
${twoHosts()}  const fd = server.sockets.socket(AF_INET, SOCK_DGRAM);
  server.sockets.bind(fd, 0, 7);
  server.sockets.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, CAMEL([parseIpv4(known)]));
  const sender = client.sockets.socket(AF_INET, SOCK_DGRAM);
  client.sockets.connect(sender, parseIpv4('10.0.0.1'), 7);
  client.sockets.send(sender, new Uint8Array(5));
  clock.runFor(1e9);
  expect(server.get(Skbs).drops[DropReason.SOCKET_FILTER]).toBe(dropped);
  lab.close();
});
`,
  example: `sockets.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, CAMEL([parseIpv4('10.0.0.2')]));`,
};
