import { mkdtempSync, rmSync, createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Cable, CableOptions } from '@stack/cable';
import { Ipv4 } from '@stack/ipv4';
import { devSetFeatures } from '@stack/netdev';
import { expect, onTestFinished, test } from 'vitest';
import { e1000, inet, type Host } from '../src/index.ts';
import { bulkHash, hashOf, writeBulk } from './bulk.ts';
import { expectCleanTcp, KERNELS, kernelPeer, OURS, withoutLossProbes, type KernelPeer } from './kernel-peer.ts';
import { faults } from './tshark.ts';

const BULK = 100_000_000;
const PORT = 8080;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stack-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Serves the bulk over Node's http on our stack. */
function serveBulk(host: Host, bytes: number): void {
  const server = host.http().createServer((_, response) => {
    response.setHeader('content-length', bytes);
    void writeBulk(response, bytes);
  });
  server.listen(PORT);
}

/** The same bytes in a file, served by Python's http on the kernel's TCP. */
async function kernelServes(peer: KernelPeer, bytes: number): Promise<string> {
  const folder = temporaryFolder();
  const file = createWriteStream(join(folder, 'bulk'));
  await writeBulk(file, bytes);
  await finished(file);
  await peer.serve('python3', '-u', '-m', 'http.server', '--bind', KERNELS, '--directory', folder, `${PORT}`);
  return `http://${KERNELS}:${PORT}/bulk`;
}

test('the kernel pings us, and we ping the kernel', async () => {
  const peer = kernelPeer();
  const said = await peer.exec('ping', '-c', '20', '-i', '0.01', '-s', '1400', OURS);
  expect(said).toContain('20 packets transmitted, 20 received, 0% packet loss');
  for (let i = 0; i < 20; i++) await peer.host.ping(KERNELS);
  expect(peer.dev.stats).toMatchObject({ rxDropped: 0, txDropped: 0 });
});

/** Sends datagrams of all sizes and checks that they come back. */
const UDP_CLIENT = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect((sys.argv[1], int(sys.argv[2])))
for length in list(range(0, 3000, 37)) + [8000, 65507]:
    data = bytes(i % 251 for i in range(length))
    s.send(data)
    assert s.recv(65536) == data, length
print('all came back')
`;

test('datagrams of the kernel come back, in fragments where they are long', async () => {
  const peer = kernelPeer();
  const socket = peer.host.dgram.createSocket('udp4');
  socket.on('message', (data, { address, port }) => socket.send(data, port, address));
  await new Promise<void>((resolve) => socket.bind(PORT, () => resolve()));
  expect(await peer.exec('python3', '-c', UDP_CLIENT, OURS, `${PORT}`)).toBe('all came back\n');
  socket.close();
  const refused = peer.exec('python3', '-c', UDP_CLIENT, OURS, '9');
  await expect(refused).rejects.toThrow('ConnectionRefusedError');
  expect(peer.counters()).toMatchObject({ UdpInErrors: 0, UdpInCsumErrors: 0, IpReasmFails: 0 });
});

test('curl fetches 100 MB from Node’s http on our stack', { timeout: 60_000 }, async () => {
  const peer = kernelPeer();
  serveBulk(peer.host, BULK);
  const said = await peer.exec('sh', '-c', `curl -sS --fail http://${OURS}:${PORT}/ | sha256sum`);
  expect(said.split(' ')[0]).toBe(bulkHash(BULK));
  expectCleanTcp(peer, peer.host);
});

test('our fetch gets 100 MB from the kernel', { timeout: 60_000 }, async () => {
  const peer = kernelPeer();
  const url = await kernelServes(peer, BULK);
  const response = await peer.host.fetch(url);
  expect(response.status).toBe(200);
  expect(await hashOf(response.body!)).toBe(bulkHash(BULK));
  expectCleanTcp(peer, peer.host);
});

test('with every segment and checksum our own, tshark finds no fault on the wire', { timeout: 60_000 }, async () => {
  const bytes = 20_000_000;
  const peer = kernelPeer();
  devSetFeatures(peer.dev, 0);
  peer.space.run('ethtool', '-K', 'tap0', 'tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off');
  const path = join(temporaryFolder(), 'tap0.pcap');
  const tcpdump = await peer.serve('tcpdump', '-i', 'tap0', '-w', path, '-B', '65536', '--immediate-mode');
  serveBulk(peer.host, bytes);
  await peer.exec('curl', '-sS', '--fail', '-o', '/dev/null', `http://${OURS}:${PORT}/`);
  const url = await kernelServes(peer, bytes);
  expect(await hashOf((await peer.host.fetch(url)).body!)).toBe(bulkHash(bytes));
  await tcpdump.stop();
  expectCleanTcp(peer, peer.host);
  expect(faults(path)).toEqual({ frames: expect.toSatisfy((frames: number) => frames > 20_000), faults: [] });
});

/** Our host routes between the kernel and a second host of ours, which is behind two e1000 and a cable. */
function routed(options: CableOptions) {
  let cable!: Cable;
  const peer = kernelPeer((lab) => {
    cable = lab.cable(options);
    return { eth1: e1000({ port: cable.a, address: '10.8.0.1/24' }) };
  });
  peer.host.get(Ipv4).sysctl.ipForward = true;
  const eth0 = e1000({ port: cable.b, address: '10.8.0.2/24', gateway: '10.8.0.1' });
  const behind = peer.lab.host({ name: 'bob', use: inet(), devices: { eth0 } });
  withoutLossProbes(behind);
  peer.space.run('ip', 'route', 'add', '10.8.0.0/24', 'via', OURS);
  return { peer, behind, cable };
}

test('the kernel reaches a host behind our router, through two e1000 and a cable', { timeout: 60_000 }, async () => {
  const bytes = 5_000_000;
  const { peer, behind } = routed({ rate: '10Gbit', delay: '100us' });
  const said = await peer.exec('ping', '-c', '20', '-i', '0.01', '-s', '4000', '10.8.0.2');
  expect(said).toContain('20 packets transmitted, 20 received, 0% packet loss');
  serveBulk(behind, bytes);
  const hash = await peer.exec('sh', '-c', `curl -sS --fail http://10.8.0.2:${PORT}/ | sha256sum`);
  expect(hash.split(' ')[0]).toBe(bulkHash(bytes));
  const url = await kernelServes(peer, bytes);
  expect(await hashOf((await behind.fetch(url)).body!)).toBe(bulkHash(bytes));
  expectCleanTcp(peer, behind);
});

test('over a bad cable the bytes still are the same, for the kernel and for us', { timeout: 60_000 }, async () => {
  const bytes = 2_000_000;
  const bad = { rate: '100Mbit', delay: '2ms', queue: '256KB', loss: 0.01, duplicate: 0.01, reorder: 0.01 } as const;
  const { peer, behind, cable } = routed({ ...bad, corrupt: { rate: 0.005, fcs: false } });
  serveBulk(behind, bytes);
  const hash = await peer.exec('sh', '-c', `curl -sS --fail http://10.8.0.2:${PORT}/ | sha256sum`);
  expect(hash.split(' ')[0]).toBe(bulkHash(bytes));
  const url = await kernelServes(peer, bytes);
  expect(await hashOf((await behind.fetch(url)).body!)).toBe(bulkHash(bytes));
  const { aToB, bToA } = cable.statistics;
  expect(Math.min(aToB.lost, bToA.lost, aToB.corrupted, bToA.corrupted, aToB.reordered)).toBeGreaterThan(0);
});
