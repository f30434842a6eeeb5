import { createHash } from 'node:crypto';
import { EINVAL, ENOENT } from '@stack/plugin';
import { TCP_ESTABLISHED, TCP_SYN_SENT } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { Md5 } from '../src/md5/digest.ts';
import { TCP_MD5SIG, TCP_MD5SIG_EXT, tcpMd5sig } from '../src/index.ts';
import { ALICE, BOB, byHand, SYN_OPTIONS, twoHosts } from './ends.ts';

const SECRET = new TextEncoder().encode('a secret');
const OTHER = new TextEncoder().encode('another');

test('MD5 is what Node says it is, however it is fed', () => {
  const md5 = new Md5();
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 0xff);
  const digest = new Uint8Array(16);
  for (const length of [0, 1, 8, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 300]) {
    md5.begin();
    md5.update(bytes, 0, length >> 1);
    md5.update(bytes, length >> 1, length - (length >> 1));
    md5.end(digest, 0);
    expect(Buffer.from(digest).toString('hex')).toBe(createHash('md5').update(bytes.subarray(0, length)).digest('hex'));
  }
});

/** RFC 2385, written down once more, over the bytes of a segment from `from` to `to`. */
function digestOf(segment: Uint8Array, from: number, to: number, key: Uint8Array): string {
  const pseudo = Buffer.alloc(12);
  pseudo.writeInt32BE(from, 0);
  pseudo.writeInt32BE(to, 4);
  pseudo[9] = 6;
  pseudo.writeUInt16BE(segment.length, 10);
  const header = Buffer.from(segment.subarray(0, 20));
  header.writeUInt16BE(0, 16);
  const data = segment.subarray((segment[12] >>> 4) * 4);
  return createHash('md5').update(pseudo).update(header).update(data).update(key).digest('hex');
}

/** Two hosts with keys; every segment is checked for its signature. */
function signed(key = SECRET, theirs = SECRET) {
  const lab = twoHosts();
  const checked = { right: 0, wrong: 0 };
  for (const [host, peer] of [
    [lab.alice, BOB],
    [lab.bob, ALICE],
  ] as const) {
    const carry = host.wire.transmit;
    host.wire.transmit = (bytes, daddr, tos) => {
      // The checksum is a device's affair, and not signed.
      const at = 24; // it comes first
      const found = Buffer.from(bytes.subarray(at, at + 16)).toString('hex');
      const own = host === lab.alice ? key : theirs;
      if (found === digestOf(bytes, host.wire.address, peer, own)) checked.right++;
      else checked.wrong++;
      carry(bytes, daddr, tos);
    };
  }
  const listener = lab.bob.open().listen(80);
  listener.option(TCP_MD5SIG, tcpMd5sig(ALICE, theirs));
  const client = lab.alice.open();
  client.option(TCP_MD5SIG, tcpMd5sig(BOB, key));
  client.connect(BOB, 80);
  lab.run(500);
  return { ...lab, client, listener, checked };
}

describe('a connection with a shared secret', () => {
  test('signs every segment from SYN to the last ACK, resets too', () => {
    const { client, listener, run, checked, bob, link } = signed();
    const server = listener.accept()!;
    expect([client.state, server.state]).toEqual([TCP_ESTABLISHED, TCP_ESTABLISHED]);
    expect(client.send(20_000)).toBeGreaterThan(10_000);
    run(1000);
    expect(server.recv()).toBeGreaterThan(10_000);
    server.send('answer');
    run(100);
    expect(client.text()).toBe('answer');
    server.close();
    run(100);
    client.close();
    run(1000);
    listener.close();
    run(130_000);
    const last = signed();
    last.client.sk.change({ linger: 0 });
    last.client.close();
    last.run(100);
    expect(last.listener.accept()!.recv()).toBeLessThan(0);
    expect(last.link.log.at(-1)!.flags).toContain('R');
    expect([checked.wrong, last.checked.wrong, checked.right > 20]).toEqual([0, 0, true]);
    expect(bob.count('TcpExtTCPMD5Failure')).toBe(0);
    expect(Math.max(...link.log.map((s) => s.payload.length))).toBe(1440);
    last.listener.close();
  });

  test('does not come about with different secrets', () => {
    const { client, bob, run } = signed(SECRET, OTHER);
    run(2000);
    expect(client.state).toBe(TCP_SYN_SENT);
    expect(bob.count('TcpExtTCPMD5Failure')).toBeGreaterThan(0);
    client.close();
  });
});

test('who shares a secret must sign, and who does not must not', () => {
  const { alice, peer } = byHand();
  const listener = alice.open().listen(80);
  listener.option(TCP_MD5SIG, tcpMd5sig(BOB, SECRET));
  peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
  expect([peer.take().length, alice.count('TcpExtTCPMD5NotFound')]).toEqual([0, 1]);
  listener.option(TCP_MD5SIG, tcpMd5sig(BOB, new Uint8Array(0)));
  peer.say({ flags: 'S', seq: 0, options: { ...SYN_OPTIONS, md5: new Uint8Array(16) } });
  expect([peer.take().length, alice.count('TcpExtTCPMD5Unexpected')]).toEqual([0, 1]);
  peer.say({ flags: 'S', seq: 0, options: SYN_OPTIONS });
  expect(peer.take()).toHaveLength(1);
});

test('a secret for a network; that for a smaller one comes first', () => {
  const { alice, peer } = byHand();
  const client = alice.open();
  expect(client.option(TCP_MD5SIG_EXT, tcpMd5sig(BOB, SECRET, 24))).toBe(0);
  expect(client.option(TCP_MD5SIG_EXT, tcpMd5sig(BOB, OTHER, 30))).toBe(0);
  expect(client.sk.settings.md5Keys!.map((key) => key.prefix)).toEqual([30, 24]);
  let raw = new Uint8Array(0);
  alice.wire.transmit = (bytes) => (raw = bytes.slice());
  client.connect(BOB, 80);
  const digest = Buffer.from(raw.subarray(24, 40)).toString('hex');
  expect(digest).toBe(digestOf(raw, ALICE, BOB, OTHER));
  expect(peer.take()).toEqual([]);
});

test('errors', () => {
  const { alice } = byHand();
  const end = alice.open();
  expect(end.option(TCP_MD5SIG, 7)).toBe(-EINVAL);
  expect(end.option(TCP_MD5SIG, new Uint8Array(20))).toBe(-EINVAL);
  expect(end.option(TCP_MD5SIG, tcpMd5sig(BOB, new Uint8Array(0)))).toBe(-ENOENT);
  expect(end.option(TCP_MD5SIG, tcpMd5sig(BOB, new Uint8Array(81)))).toBe(-EINVAL);
});
