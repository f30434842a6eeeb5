import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  DropReason,
  SCM_TSTAMP_SCHED,
  SKB_GSO_TCPV4,
  SKBTX_SCHED_TSTAMP,
  SKBTX_SW_TSTAMP,
  Skbs,
  tcp,
  type SkbSock,
  type SkBuff,
} from '@stack/skb';
import { decodeFrame, machine, tcpFrame, testHost, udpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import {
  devQueueXmit,
  NET_XMIT_SUCCESS,
  netdev,
  NETIF_F_HW_CSUM,
  NETIF_F_HW_VLAN_CTAG_TX,
  NETIF_F_IP_CSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
} from '@stack/netdev';
import { FakeDevice, frameSkb } from './fake-device.ts';

function setup(features: number) {
  const host = testHost(machine({ size: 2 ** 22 }), 'alice', [netdev()]);
  const fake = new FakeDevice(host, { features });
  const pool = host.get(Skbs);
  /** A TCP packet of `size` payload bytes, in fragments of 4,000, its checksum left to be done. */
  const big = (size: number, mss: number, flags = 'P.'): SkBuff => {
    const payload = Uint8Array.from({ length: size }, (_, at) => at * 13);
    const frame = tcpFrame({ sourcePort: 1, destinationPort: 2, id: 0xfffe, seq: 0xffffff00, flags, payload });
    const skb = frameSkb(pool, frame.subarray(0, 54 + Math.min(100, size)));
    for (let at = 154; at < frame.length; at += 4_000) {
      const piece = frame.subarray(at, at + 4_000);
      const page = pool.arena.alloc(4_096);
      pool.arena.u8.set(piece, page);
      skb.addFrag(page, 0, piece.length, 4_096);
    }
    skb.dev = fake.dev;
    partial(skb, 16);
    skb.shinfo.gsoSize = mss;
    skb.shinfo.gsoSegs = Math.ceil(size / mss);
    skb.shinfo.gsoType = SKB_GSO_TCPV4;
    return skb;
  };
  const decoded = () => fake.sent.map((frame) => decodeFrame(frame));
  return { host, fake, pool, big, decoded };
}

/** Leaves the sum of the pseudo-header in the checksum, as transports do. */
function partial(skb: SkBuff, offset: number): void {
  const { arena } = skb;
  const at = skb.transportHeader + offset;
  const length = skb.len - (skb.transportHeader - skb.data);
  arena.view.setUint16(at, 0);
  let sum = arena.u8[skb.networkHeader + 9] + length;
  for (let i = 12; i < 20; i += 2) sum += arena.view.getUint16(skb.networkHeader + i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  arena.view.setUint16(at, sum);
  skb.csumStart = skb.transportHeader;
  skb.csumOffset = offset;
  skb.ipSummed = CHECKSUM_PARTIAL;
}

test.each([
  ['nothing', 0],
  ['gathering', NETIF_F_SG],
])('a device that can do %s gets segments with right checksums', (_, features) => {
  const { fake, big, decoded } = setup(features);
  const skb = big(10_000, 1_460, 'WP.');
  devQueueXmit(skb);
  const frames = decoded();
  expect(frames.map(({ payload }) => payload.length)).toEqual([1_460, 1_460, 1_460, 1_460, 1_460, 1_460, 1_240]);
  expect(frames.map(({ ip }) => ip!.id)).toEqual([0xfffe, 0xffff, 0, 1, 2, 3, 4]);
  expect(frames.map(({ tcp }) => tcp!.flags)).toEqual(['W.', '.', '.', '.', '.', '.', 'P.']);
  expect(frames.every(({ ip, tcp }) => ip!.checksumOk && tcp!.checksumOk)).toBe(true);
  expect(frames.map(({ tcp }) => tcp!.seq)).toEqual(
    [0, 1, 2, 3, 4, 5, 6].map((n) => (0xffffff00 + n * 1_460) % 2 ** 32),
  );
  expect(fake.ring.every((part) => part.ipSummed === CHECKSUM_NONE)).toBe(true);
  if (features === 0) expect(fake.ring.every((part) => part.dataLen === 0)).toBe(true);
  else expect(fake.ring[3].headlen).toBe(54);
  const payload = new Uint8Array(10_000);
  let at = 0;
  for (const part of frames) {
    payload.set(part.payload, at);
    at += part.payload.length;
  }
  expect(payload).toEqual(Uint8Array.from({ length: 10_000 }, (_, at) => at * 13));
  fake.complete();
});

test('a device that segments gets the packet whole', () => {
  const { fake, big } = setup(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_TSO);
  devQueueXmit(big(10_000, 1_460));
  expect(fake.ring).toHaveLength(1);
  expect(fake.ring[0]).toMatchObject({ isGso: true, ipSummed: CHECKSUM_PARTIAL });
  fake.complete();
});

test('who paid for the packet is told when the last segment is sent', () => {
  const { fake, big } = setup(0);
  const skb = big(5_000, 1_000);
  const { truesize } = skb;
  let back = 0;
  skb.destructor = (part) => void (back += part.truesize);
  devQueueXmit(skb);
  for (const part of fake.ring.splice(0, 4)) part.consume();
  expect(back).toBe(0);
  fake.complete();
  expect(back).toBe(truesize);
});

test('segments that the ring cannot take wait behind it', () => {
  const { fake, big, decoded } = setup(0);
  fake.room = 2;
  devQueueXmit(big(5_000, 1_000));
  // Without a queue the rest is lost: there is nowhere to wait.
  expect(decoded()).toHaveLength(2);
  expect(fake.dev.stats.txDropped).toBe(3);
  fake.complete();
});

test('a packet that cannot be cut is dropped', () => {
  const { fake, big, pool, host } = setup(0);
  const skb = big(5_000, 1_000);
  const hogs: number[] = [];
  for (let block = pool.arena.alloc(2_048); block !== 0; block = pool.arena.alloc(2_048)) hogs.push(block);
  devQueueXmit(skb);
  expect(host.get(Skbs).drops[DropReason.SKB_GSO_SEG]).toBe(1);
  expect(fake.sent).toEqual([]);
  for (const block of hogs) pool.arena.release(block);
});

test('a checksum that the device cannot compute is computed', () => {
  for (const [features, left] of [
    [0, CHECKSUM_NONE],
    [NETIF_F_HW_CSUM, CHECKSUM_PARTIAL],
    [NETIF_F_IP_CSUM, CHECKSUM_PARTIAL],
  ]) {
    const { fake, pool, decoded } = setup(features);
    const skb = frameSkb(pool, udpFrame({ sourcePort: 1, destinationPort: 2, payload: 'odd' }));
    skb.dev = fake.dev;
    partial(skb, 6);
    expect(devQueueXmit(skb)).toBe(NET_XMIT_SUCCESS);
    expect(fake.ring[0].ipSummed).toBe(left);
    if (left === CHECKSUM_NONE) expect(decoded()[0].udp).toMatchObject({ checksumOk: true });
    fake.complete();
  }
});

test('a packet in parts is made one piece for a device that does not gather', () => {
  const { fake, big } = setup(NETIF_F_HW_CSUM);
  const skb = big(6_000, 1_000);
  skb.shinfo.gsoSize = skb.shinfo.gsoSegs = skb.shinfo.gsoType = 0;
  devQueueXmit(skb);
  expect(fake.ring[0]).toMatchObject({ dataLen: 0, len: 6_054 });
  fake.complete();
});

test('the tag goes into the frame unless the device does it', () => {
  for (const features of [0, NETIF_F_HW_VLAN_CTAG_TX]) {
    const { fake, pool } = setup(features);
    const frame = udpFrame({ sourcePort: 1, destinationPort: 2, payload: 'x' });
    const skb = frameSkb(pool, frame);
    skb.dev = fake.dev;
    skb.vlanPresent = true;
    skb.vlanTci = 0x6007;
    devQueueXmit(skb);
    const tag = features === 0 ? [0x81, 0x00, 0x60, 0x07] : [];
    expect([...fake.sent[0]]).toEqual([...frame.subarray(0, 12), ...tag, ...frame.subarray(12)]);
    expect(fake.ring[0].vlanPresent).toBe(features !== 0);
    fake.complete();
  }
});

test('every segment carries the tag', () => {
  const { fake, big, decoded } = setup(0);
  const skb = big(3_000, 1_000);
  skb.vlanPresent = true;
  skb.vlanTci = 5;
  devQueueXmit(skb);
  expect(fake.sent.map((frame) => [...frame.subarray(12, 18)])).toEqual(Array(3).fill([0x81, 0x00, 0, 5, 0x08, 0x00]));
  expect(decoded().every(({ ip, tcp }) => ip!.checksumOk && tcp!.checksumOk)).toBe(true);
  fake.complete();
});

test.each([
  [0, 0xffffff00],
  [1_399, 0xffffff00],
  [1_400, 0xffffff00 + 1_400],
  [4_999, (0xffffff00 + 4_200) >>> 0],
])('the time of byte %i is told by the segment that has it', (byte, seq) => {
  const { big, fake } = setup(NETIF_F_SG | NETIF_F_HW_CSUM);
  const skb = big(5_000, 1_400);
  const told: [number, number][] = [];
  const sk: SkbSock = { protocol: 6, tstampTx: (part, which) => void told.push([which, tcp.seq(part) >>> 0]) };
  skb.sk = sk;
  skb.shinfo.txFlags = SKBTX_SCHED_TSTAMP | SKBTX_SW_TSTAMP;
  skb.shinfo.tskey = 0xffffff00 + byte;
  devQueueXmit(skb);
  expect(told, 'as it goes to the queue it is still one').toEqual([[SCM_TSTAMP_SCHED, 0xffffff00]]);
  const stamped = fake.ring.filter(({ shinfo }) => shinfo.txFlags !== 0);
  expect(stamped.map((part) => [tcp.seq(part) >>> 0, part.sk])).toEqual([[seq % 2 ** 32, sk]]);
  fake.complete();
});
