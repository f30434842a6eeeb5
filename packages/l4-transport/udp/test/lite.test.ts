import { EAGAIN, ENOPROTOOPT } from '@stack/plugin';
import { udp as header } from '@stack/skb';
import { expect, test } from 'vitest';
import { SOL_UDPLITE, UDPLITE_RECV_CSCOV, UDPLITE_SEND_CSCOV } from '../src/index.ts';
import { smallHost, type Endpoint } from './small-host.ts';

const UDPLITE = 136;

function pair() {
  const host = smallHost();
  const [server, client] = [host.open(UDPLITE), host.open(UDPLITE)];
  server.bind('0.0.0.0', 53);
  return { ...host, server, client };
}

const set = (end: Endpoint, name: number, value: number): number =>
  end.sk.proto.setsockopt(end.sk, SOL_UDPLITE, name, value);

test('all is covered unless the sender says less; what is not covered may be damaged', () => {
  const { ip, server, client } = pair();
  ip.onTheWay = (skb) => expect(header.length(skb)).toBe(0);
  client.sendTo('10.0.0.1', 53, 'whole');
  expect(server.recv()).toBe('whole');
  expect(set(client, UDPLITE_SEND_CSCOV, 12)).toBe(0);
  ip.onTheWay = (skb) => {
    expect(header.length(skb)).toBe(12);
    skb.setU8(skb.len - 1, '!'.charCodeAt(0));
  };
  client.sendTo('10.0.0.1', 53, 'voice.');
  expect(server.recv()).toBe('voice!');
});

test('damage under the cover drops', () => {
  const { ip, server, client, lite } = pair();
  set(client, UDPLITE_SEND_CSCOV, 12);
  ip.onTheWay = (skb) => skb.setU8(9, 0);
  client.sendTo('10.0.0.1', 53, 'voice');
  expect(server.recv()).toBe(-EAGAIN);
  expect(lite.mib.nonZero()).toMatchObject({ UdpLiteInCsumErrors: 1, UdpLiteInErrors: 1 });
});

test('a receiver may ask for more cover', () => {
  const { server, client } = pair();
  set(server, UDPLITE_RECV_CSCOV, 20);
  set(client, UDPLITE_SEND_CSCOV, 12);
  client.sendTo('10.0.0.1', 53, 'little cover, long text');
  expect(server.recv()).toBe(-EAGAIN);
  set(client, UDPLITE_SEND_CSCOV, 20);
  client.sendTo('10.0.0.1', 53, 'enough cover, long text');
  expect(server.recv()).toBe('enough cover, long text');
});

test('coverage is at least the header, and an option of UDP-Lite only', () => {
  const { client, open } = pair();
  set(client, UDPLITE_SEND_CSCOV, 3);
  expect(client.sk.proto.getsockopt(client.sk, SOL_UDPLITE, UDPLITE_SEND_CSCOV)).toBe(8);
  expect(set(open(), UDPLITE_SEND_CSCOV, 8)).toBe(-ENOPROTOOPT);
});
