import { SEC } from '@stack/clock';
import { devQueueXmit, NETDEV_TX_BUSY, NETDEV_TX_OK, type NetDevice } from '@stack/netdev';
import { CHECKSUM_PARTIAL, DropReason, eth, ip, SKB_GSO_TCPV4, skbClone, tcp, type SkBuff } from '@stack/skb';
import { internetChecksum, ipBytes, ipNumber } from '@stack/testing';
import { describe, expect, it } from 'vitest';
import { RCTL, TDT } from '../src/registers.ts';
import { TX_DESC_NEEDED } from '../src/transmit/xmit-frame.ts';
import { openRig, pattern, type Rig } from './rig.ts';

/** Ends the packet, appends the check sequence, asks for a report that may wait. */
const LAST = 0x8b00_0000 | 0;
const IFCS = 0x0200_0000;
/** Extended, data. */
const DATA = 0x2010_0000;
const TSE = 0x0400_0000;
const VLE = 0x4000_0000;
const TXSM = 0x200;
const IXSM = 0x100;

/** An Ethernet frame whose payload is `linear` bytes, and fragments of these sizes. */
function frame(made: Rig, linear: number, frags: number[] = []): SkBuff {
  const { pool, lab, dev } = made;
  const skb = pool.alloc(64 + 14 + linear)!;
  skb.reserve(64 + 14);
  skb.putData(pattern(linear));
  dev.headerOps!.create(skb, dev, 0x88b5, Uint8Array.of(2, 0, 0, 0, 0, 2), null);
  for (const size of frags) {
    const block = lab.arena.alloc(100 + size);
    lab.arena.u8.set(pattern(size), block + 100);
    skb.addFrag(block, 100, size, size);
  }
  skb.dev = dev;
  skb.protocol = 0x88b5;
  return skb;
}

/** TCP over IPv4, its checksum left to the chip; cut into segments if it is larger than one. */
function tcpPacket(made: Rig, payload: number, frags: number[] = [], mss = 1448): SkBuff {
  const { pool, dev, lab } = made;
  const skb = pool.alloc(128 + payload)!;
  skb.reserve(128);
  skb.putData(pattern(payload));
  for (const size of frags) skb.addFrag(lab.arena.alloc(size), 0, size, size);
  const length = skb.len + 32;
  skb.push(32);
  skb.resetTransportHeader();
  skb.push(20);
  skb.resetNetworkHeader();
  lab.arena.u8.fill(0, skb.networkHeader, skb.networkHeader + 52);
  tcp.setLengthAndFlags(skb, 32, tcp.ACK);
  ip.setVersionIhl(skb, 0x45);
  ip.setTotalLength(skb, Math.min(length + 20, 0xffff));
  ip.setProtocol(skb, ip.PROTO_TCP);
  ip.setSaddr(skb, ipNumber('10.0.0.1'));
  ip.setDaddr(skb, ipNumber('10.0.0.2'));
  ip.sendCheck(skb);
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.transportHeader;
  skb.csumOffset = 16;
  const bytes = length - 32;
  if (bytes > mss) {
    skb.shinfo.gsoSize = mss;
    skb.shinfo.gsoSegs = Math.ceil(bytes / mss);
    skb.shinfo.gsoType = SKB_GSO_TCPV4;
  }
  skb.protocol = eth.TYPE_IPV4;
  skb.dev = dev;
  dev.headerOps!.create(skb, dev, eth.TYPE_IPV4, Uint8Array.of(2, 0, 0, 0, 0, 2), null);
  return skb;
}

/** Straight to the driver. */
const xmit = (dev: NetDevice, skb: SkBuff): number => dev.ops.startXmit(skb, dev);

/** Lengths and commands of what is pending, without addresses. */
const shape = ({ chip }: Rig): string[] =>
  chip
    .pending()
    .map(([, , lower, upper]) => `${lower & 0xffff} ${((lower & ~0xffff) >>> 0).toString(16)} ${upper.toString(16)}`);

function finish(made: Rig): void {
  made.chip.complete();
  made.lab.clock.drain();
}

describe('descriptors', () => {
  it('one for a linear packet, that points to its bytes', () => {
    const made = openRig();
    const skb = frame(made, 86);
    expect(xmit(made.dev, skb)).toBe(NETDEV_TX_OK);
    expect(made.chip.pending()).toEqual([[skb.data, 0, 100 | LAST, 0]]);
    expect(made.chip.pendingBytes().subarray(14)).toEqual(pattern(86));
    finish(made);
    expect(made.pool.live).toBe(0);
    expect(made.dev.stats).toMatchObject({ txPackets: 1, txBytes: 100 });
  });

  it('pieces of 4096 bytes for the linear part and for each fragment', () => {
    const made = openRig();
    xmit(made.dev, frame(made, 5000, [4096, 9000, 1]));
    expect(shape(made)).toEqual(
      [4096, 918, 4096, 4096, 4096, 808, 1].map((size, i) => `${size} ${(i === 6 ? LAST >>> 0 : IFCS).toString(16)} 0`),
    );
    const sent = made.chip.pendingBytes().subarray(14);
    expect(sent).toEqual(Uint8Array.from([5000, 4096, 9000, 1].flatMap((size) => [...pattern(size)])));
    expect(made.dma.live).toBe(2 + 255 + 7);
    finish(made);
    expect(made.dma.live).toBe(2 + 255);
  });

  it('a context that says what to sum, in front of a packet without its checksum', () => {
    const made = openRig();
    xmit(made.dev, tcpPacket(made, 1000));
    const [context, data] = made.chip.pending();
    expect(context).toEqual([0, 34 | (50 << 8), 0x2100_0000, 0]);
    expect(data.slice(2)).toEqual([(1000 + 66) | DATA | LAST, TXSM]);
    finish(made);
  });

  it('the same for UDP, but for the kind', () => {
    const made = openRig();
    const skb = tcpPacket(made, 100);
    ip.setProtocol(skb, ip.PROTO_UDP);
    skb.csumOffset = 6;
    xmit(made.dev, skb);
    expect(made.chip.pending()[0]).toEqual([0, 34 | (40 << 8), 0x2000_0000, 0]);
    finish(made);
  });

  it('a context that says how to segment: 64 KB in 20 descriptors', () => {
    const made = openRig();
    const skb = tcpPacket(made, 0, [32_768, 32_768 - 66]);
    xmit(made.dev, skb);
    const [context, head, ...data] = made.chip.pending();
    const payload = 65_536 - 66;
    expect(context).toEqual([
      14 | (24 << 8) | (33 << 16),
      34 | (50 << 8),
      payload | 0x2700_0000,
      (66 << 8) | (1448 << 16),
    ]);
    expect(head.slice(2)).toEqual([66 | DATA | TSE | IFCS, TXSM | IXSM]);
    expect(data).toHaveLength(16);
    expect(data.at(-1)!.slice(2)).toEqual([(4096 - 66) | DATA | TSE | LAST, TXSM | IXSM]);
    finish(made);
    const segments = Math.ceil(payload / 1448);
    expect(made.dev.stats).toMatchObject({ txPackets: segments, txBytes: payload + segments * 66 });
  });

  it('headers to be segmented have no length, and the sum of a pseudo-header without it', () => {
    const made = openRig();
    const skb = tcpPacket(made, 3000);
    xmit(made.dev, skb);
    expect([ip.totalLength(skb), ip.check(skb)]).toEqual([0, 0]);
    const pseudo = Uint8Array.of(...ipBytes('10.0.0.1'), ...ipBytes('10.0.0.2'), 0, 6, 0, 0);
    expect(tcp.check(skb)).toBe(0xffff - internetChecksum(pseudo));
    finish(made);
  });

  it('headers that a clone shares are copied before they are changed', () => {
    const made = openRig();
    const skb = tcpPacket(made, 3000);
    const other = skbClone(skb);
    xmit(made.dev, skb);
    expect(ip.totalLength(other)).toBe(3052);
    finish(made);
    other.consume();
  });

  it('a tag to insert', () => {
    const made = openRig();
    const skb = frame(made, 100, [5000]);
    skb.vlanPresent = true;
    skb.vlanTci = 0x6123;
    xmit(made.dev, skb);
    const words = made.chip.pending().map(([, , lower, upper]) => [lower & VLE, upper]);
    expect(words).toEqual([1, 2, 3].map(() => [VLE, 0x6123_0000]));
    finish(made);
  });

  it('a delayed interrupt, if that is wanted', () => {
    const made = openRig({ txIntDelay: 8 });
    xmit(made.dev, frame(made, 50));
    expect(made.chip.pending()[0][2] >>> 31).toBe(1);
    finish(made);
  });
});

describe('the tail', () => {
  it('is written once for a batch', () => {
    const made = openRig();
    for (const more of [true, true, false]) {
      const skb = frame(made, 50);
      skb.xmitMore = more;
      xmit(made.dev, skb);
    }
    expect(made.chip.written(TDT)).toEqual([3]);
    finish(made);
  });

  it('is written when the last packet of a batch is dropped', () => {
    const made = openRig();
    const first = frame(made, 50);
    first.xmitMore = true;
    xmit(made.dev, first);
    made.dma.map = () => 0;
    xmit(made.dev, frame(made, 50));
    expect(made.chip.written(TDT)).toEqual([1]);
    finish(made);
  });

  it('is written when the ring is full, whatever follows', () => {
    const made = openRig({ txDescriptors: 80 });
    for (let i = 0; i < 3; i++) {
      const skb = frame(made, 50, [60_000]);
      skb.xmitMore = true;
      xmit(made.dev, skb);
    }
    expect(made.dev.queues[0].stopped).toBe(true);
    expect(made.chip.written(TDT)).toHaveLength(1);
    finish(made);
  });
});

describe('a full ring', () => {
  const fill = (made: Rig): number => {
    let packets = 0;
    for (; !made.dev.queues[0].stopped; packets++) xmit(made.dev, frame(made, 50));
    return packets;
  };

  it('stops the queue when the largest packet may not fit any more', () => {
    const made = openRig();
    expect(fill(made)).toBe(255 - TX_DESC_NEEDED + 1);
    const refused = frame(made, 50);
    expect(xmit(made.dev, refused)).toBe(NETDEV_TX_BUSY);
    refused.consume();
    finish(made);
  });

  it('starts again when there is room for the largest packet, not earlier', () => {
    const made = openRig({ txDescriptors: 80 });
    for (let i = 0; i < 5; i++) xmit(made.dev, frame(made, 50));
    for (let i = 0; i < 3; i++) xmit(made.dev, frame(made, 50, [60_000]));
    expect(made.adapter.txRing.unused).toBe(79 - 5 - 3 * 16);
    made.chip.complete(5);
    made.lab.clock.drain();
    expect(made.dev.stats.txPackets).toBe(5);
    expect(made.dev.queues[0].stopped).toBe(true);
    made.chip.complete(1);
    made.lab.clock.drain();
    expect(made.adapter.txRing.unused).toBeGreaterThanOrEqual(TX_DESC_NEEDED);
    expect(made.dev.queues[0].stopped).toBe(false);
    expect(made.adapter.restartQueue).toBe(1);
    finish(made);
  });

  it('lets what waits in the queue go out', () => {
    const made = openRig();
    for (let i = 0; i < 1000; i++) devQueueXmit(frame(made, 50));
    expect(made.dev.stats.txPackets).toBe(0);
    for (let rounds = 0; rounds < 10; rounds++) finish(made);
    expect(made.dev.stats.txPackets).toBe(1000);
    expect(made.dev.queues[0].requeues).toBe(0);
  });

  it('wraps around at any place', () => {
    const made = openRig({ txDescriptors: 80 });
    for (let i = 0; i < 200; i++) {
      const sizes = [100 + i, 4096 + i, 10_000 + i];
      xmit(made.dev, i % 3 === 0 ? tcpPacket(made, 100, [sizes[1], sizes[2]]) : frame(made, sizes[0], [sizes[2]]));
      const bytes = made.chip.pendingBytes().length;
      expect(bytes).toBe(i % 3 === 0 ? 66 + 100 + sizes[1] + sizes[2] : 14 + sizes[0] + sizes[2]);
      finish(made);
    }
    expect(made.pool.live).toBe(0);
    expect(made.dma.live).toBe(2 + 255);
  });
});

describe('what goes wrong', () => {
  it('a packet that cannot be mapped is dropped, and what was mapped is taken back', () => {
    const made = openRig();
    let left = 3;
    const inner = made.dma.map.bind(made.dma);
    made.dma.map = (...mapping) => (left-- > 0 ? inner(...mapping) : 0);
    expect(xmit(made.dev, tcpPacket(made, 100, [20_000]))).toBe(NETDEV_TX_OK);
    expect(made.dma.live).toBe(2 + 255);
    expect(made.chip.pending()).toEqual([]);
    expect(made.adapter.txDmaFailed).toBe(1);
    expect(made.pool.drops[DropReason.NOMEM]).toBe(1);
    made.dma.map = inner;
    xmit(made.dev, frame(made, 86));
    expect(made.chip.pending()).toHaveLength(1);
    finish(made);
  });

  it('packets in the ring are dropped when the device closes', () => {
    const made = openRig();
    for (let i = 0; i < 3; i++) xmit(made.dev, frame(made, 50, [5000]));
    made.host.close();
    expect(made.pool.live).toBe(0);
    expect(made.dma.live).toBe(0);
  });

  it('a chip that hangs is reset, and sends again', () => {
    const made = openRig({ txDescriptors: 80 });
    while (!made.dev.queues[0].stopped) devQueueXmit(frame(made, 50));
    made.lab.clock.runFor(6 * SEC);
    expect(made.adapter.txTimeoutCount).toBe(1);
    expect(made.pool.live).toBe(0);
    expect(made.chip.regs[RCTL >>> 2] & 2).toBe(2);
    xmit(made.dev, frame(made, 50));
    expect(made.chip.pending()).toHaveLength(1);
    finish(made);
  });
});
