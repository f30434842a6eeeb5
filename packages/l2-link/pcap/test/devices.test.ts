import { USEC } from '@stack/clock';
import { csumPseudo } from '@stack/memory';
import {
  allocEtherdev,
  devOpen,
  devQueueXmit,
  NETDEV_TX_OK,
  NETIF_F_HW_CSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NetCore,
  netdev,
  netifReceiveSkb,
  netifStartQueue,
  ethTypeTrans,
  registerNetdevice,
} from '@stack/netdev';
import { CHECKSUM_PARTIAL, DropReason, eth, Skbs, type SkBuff } from '@stack/skb';
import { decodeFrame, ipNumber, machine, tcpFrame, testHost, udpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import {
  captureDevices,
  INBOUND,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW,
  OUTBOUND,
  pcap,
  PcapWriter,
  readCapture,
  type DeviceCaptureOptions,
} from '../src/index.ts';
import { hasTshark, tshark } from './tshark.ts';

/** A host with two devices that swallow what they are given. */
function host(options: DeviceCaptureOptions = {}) {
  const lab = machine();
  const writer = new PcapWriter();
  const services = testHost(lab, 'alice', [netdev(), pcap({ writer, ...options })]);
  const core = services.get(NetCore);
  const pool = services.get(Skbs);
  const device = (name: string) => {
    const dev = allocEtherdev(name, {
      open: (opened) => (netifStartQueue(opened), 0),
      stop: () => 0,
      startXmit: (skb) => (skb.consume(), NETDEV_TX_OK),
    });
    dev.txQueueLen = 0;
    dev.features = dev.hwFeatures = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO;
    dev.devAddr.set([2, 0, 0, 0, 0, 2]);
    registerNetdevice(core, dev);
    devOpen(dev);
    return dev;
  };
  const skbOf = (frame: Uint8Array): SkBuff => {
    const skb = pool.alloc(frame.length)!;
    skb.arena.u8.set(frame, skb.put(frame.length));
    skb.resetMacHeader();
    skb.networkHeader = skb.data + eth.LENGTH;
    skb.transportHeader = skb.networkHeader + 20;
    return skb;
  };
  const file = () => readCapture(writer.bytes());
  return { ...lab, services, writer, eth0: device('eth0'), eth1: device('eth1'), skbOf, file };
}

const DATAGRAM = udpFrame({ sourcePort: 40_000, destinationPort: 40_001, payload: 'hello' });

test('what a host receives and sends is in the file, with its direction', () => {
  const { clock, eth0, eth1, skbOf, file } = host();
  clock.runFor(5 * USEC);
  const received = skbOf(DATAGRAM);
  received.protocol = ethTypeTrans(received, eth0);
  netifReceiveSkb(received);
  clock.runFor(USEC);
  const sent = skbOf(DATAGRAM);
  sent.dev = eth1;
  devQueueXmit(sent);
  const { interfaces, packets, start } = file();
  expect(start).toBe(5000n);
  expect(interfaces.map(({ name }) => name)).toEqual(['eth0', 'eth1']);
  expect(packets.map(({ at, interfaceId, flags }) => [at, interfaceId, flags & 3])).toEqual([
    [0, 0, INBOUND],
    [1000, 1, OUTBOUND],
  ]);
  expect(packets.map(({ bytes }) => bytes)).toEqual([DATAGRAM, DATAGRAM]);
});

test('one device alone', () => {
  const { eth0, eth1, skbOf, file } = host({ device: 'eth1' });
  for (const dev of [eth0, eth1]) {
    const skb = skbOf(DATAGRAM);
    skb.dev = dev;
    devQueueXmit(skb);
  }
  expect(file().packets.length).toBe(1);
});

/** A large TCP packet as TCP hands it down: data in fragments, segments and checksum left to the hardware. */
function largeSegment({ arena, skbOf }: Pick<ReturnType<typeof host>, 'arena' | 'skbOf'>): SkBuff {
  const frame = tcpFrame({ sourcePort: 1, destinationPort: 2, flags: 'P.', payload: 'abc'.repeat(1111) });
  const skb = skbOf(frame.subarray(0, 54));
  for (let at = 54; at < frame.length; at += 1000) {
    const piece = frame.subarray(at, at + 1000);
    const block = arena.alloc(1000);
    arena.u8.set(piece, block);
    skb.addFrag(block, 0, piece.length, 1024);
  }
  Object.assign(skb.shinfo, { gsoSize: 1460, gsoSegs: 3, gsoType: 1 });
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.transportHeader;
  skb.csumOffset = 16;
  const pseudo = csumPseudo(ipNumber('10.0.0.1'), ipNumber('10.0.0.2'), frame.length - 34, 6);
  const folded = (pseudo & 0xffff) + (pseudo >>> 16);
  skb.setU16(50, (folded & 0xffff) + (folded >>> 16));
  return skb;
}

test('a checksum that hardware will fill in is filled in for the file, and there alone', () => {
  const bench = host();
  const skb = largeSegment(bench);
  const field = skb.u16(50);
  let atDriver = 0;
  bench.eth0.ops.startXmit = (given) => {
    atDriver = given.u16(50);
    given.consume();
    return NETDEV_TX_OK;
  };
  skb.dev = bench.eth0;
  devQueueXmit(skb);
  expect(atDriver).toBe(field);
  const { packets } = bench.file();
  expect(packets.length).toBe(1);
  expect(decodeFrame(packets[0].bytes)).toMatchObject({ tcp: { checksumOk: true }, ip: { checksumOk: true } });
  expect(Buffer.from(packets[0].bytes.subarray(54)).toString()).toBe('abc'.repeat(1111));
  if (hasTshark) expect(tshark(bench.writer.bytes(), ['tcp.checksum.status', 'tcp.len'])).toEqual([['1', '3333']]);
});

test('drops are written with their reason, as far as the packet had headers', () => {
  const { eth0, skbOf, file } = host({ drops: true });
  const whole = skbOf(DATAGRAM);
  whole.dev = eth0;
  whole.pull(eth.LENGTH);
  whole.drop(DropReason.UDP_CSUM);
  const headless = skbOf(DATAGRAM);
  headless.dev = eth0;
  headless.macHeader = 0;
  headless.pull(eth.LENGTH);
  headless.drop(DropReason.NEIGH_FAILED);
  const nowhere = skbOf(DATAGRAM);
  nowhere.drop(DropReason.NOT_SPECIFIED);
  const { interfaces, packets } = file();
  expect(interfaces).toMatchObject([
    { name: 'eth0 drops', linkType: LINKTYPE_ETHERNET },
    { name: 'eth0 drops (ip)', linkType: LINKTYPE_RAW },
  ]);
  expect(packets.map(({ comment, bytes }) => [comment, bytes])).toEqual([
    ['dropped: UDP_CSUM', DATAGRAM],
    ['dropped: NEIGH_FAILED', DATAGRAM.subarray(14)],
  ]);
});

test('a capture ends when it is told, and gives the drop hook back', () => {
  const { services, eth0, skbOf } = host();
  const { pool } = services.get(NetCore);
  const heard: number[] = [];
  pool.onDrop = (_, reason) => heard.push(reason);
  const before = pool.onDrop;
  const chunks: Uint8Array[] = [];
  const stop = captureDevices(services, new PcapWriter({ onChunk: (chunk) => chunks.push(chunk) }), { drops: true });
  const skb = skbOf(DATAGRAM);
  skb.dev = eth0;
  skb.drop(DropReason.NETFILTER_DROP);
  expect(heard).toEqual([DropReason.NETFILTER_DROP]);
  expect(chunks).toEqual([]);
  stop();
  expect(pool.onDrop).toBe(before);
  expect(readCapture(Buffer.concat(chunks)).packets.length).toBe(1);
});
