import { MSEC } from '@stack/clock';
import { devChangeMtu, PacketTypes, type NetDevice } from '@stack/netdev';
import { CHECKSUM_NONE, CHECKSUM_UNNECESSARY, eth, skbTruesize } from '@stack/skb';
import { ethernetFrame } from '@stack/testing';
import { installTracer } from '@stack/trace';
import { describe, expect, it } from 'vitest';
import { IMC, IMS, RDT } from '../src/registers.ts';
import { FakeChip } from './fake-chip.ts';
import { collect, consumeAll, frameBytes, openRig, pattern, type Rig } from './rig.ts';

const TYPE = 0x88b5;
const IXSM = 1 << 2;
const VP = 1 << 3;
const TCPCS = 1 << 5;
const TCPE = 1 << 5;
const CRC_ERROR = 1 << 0;

/** A frame of this many bytes to our address. */
const wire = (length: number): Uint8Array =>
  ethernetFrame(TYPE, pattern(length - 14), { macDestination: '02:00:00:00:00:01' });

/** Takes all memory that is left. */
function exhaust({ lab }: Rig): number[] {
  const blocks: number[] = [];
  for (const size of [65_536, 4096, 2048, 1024, 512, 256]) {
    for (let block = lab.arena.alloc(size); block !== 0; block = lab.arena.alloc(size)) blocks.push(block);
  }
  return blocks;
}

const release = ({ lab }: Rig, blocks: number[]): void => blocks.forEach((block) => lab.arena.release(block));

describe('frames', () => {
  it('small ones are copied, and their buffer stays in the ring', () => {
    const made = openRig();
    const got = collect(made);
    const blocks = Int32Array.from(made.adapter.rxRing.block);
    made.chip.receive(wire(256));
    made.lab.clock.drain();
    expect(frameBytes(got[0])).toEqual(wire(256));
    expect([got[0].protocol, got[0].headFrag, got[0].dev === made.dev]).toEqual([TYPE, false, true]);
    expect(got[0].headroom - 14).toBeGreaterThanOrEqual(64);
    expect(made.adapter.rxRing.block.subarray(0, 255)).toEqual(blocks.subarray(0, 255));
    consumeAll(got);
  });

  it('large ones are handed over in their buffer, and the ring gets a new one', () => {
    const made = openRig();
    const got = collect(made);
    const block = made.adapter.rxRing.block[0];
    made.chip.receive(wire(257));
    made.lab.clock.drain();
    expect(frameBytes(got[0])).toEqual(wire(257));
    expect([got[0].head, got[0].headFrag, got[0].truesize]).toEqual([block, true, skbTruesize(2048)]);
    expect(made.adapter.rxRing.block[0]).toBe(0);
    expect(made.chip.room).toBe(255);
    expect(made.dma.live).toBe(2 + 255);
    consumeAll(got);
  });

  it('have an aligned IP header and are counted', () => {
    const made = openRig();
    const got = collect(made);
    made.chip.receive(wire(60));
    made.chip.receive(wire(1514));
    made.lab.clock.drain();
    expect(got.map((skb) => skb.data % 4)).toEqual([0, 0]);
    expect(made.dev.stats).toMatchObject({ rxPackets: 2, rxBytes: 1574 });
    consumeAll(got);
  });

  it('come in order, however often the ring goes round', () => {
    const made = openRig({ rxDescriptors: 80 });
    const got = collect(made);
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 30; i++) made.chip.receive(wire(60 + ((round * 30 + i) % 1000)));
      made.lab.clock.drain();
      expect(got.map((skb) => skb.len + 14)).toEqual(
        Array.from({ length: 30 }, (_, i) => 60 + ((round * 30 + i) % 1000)),
      );
      consumeAll(got);
    }
    expect(made.chip.room).toBe(79);
  });

  it('give descriptors back sixteen at a time', () => {
    const made = openRig();
    for (let i = 0; i < 40; i++) made.chip.receive(wire(60));
    made.lab.clock.drain();
    expect(made.chip.written(RDT)).toEqual([15, 31, 39]);
  });
});

describe('checksums and tags', () => {
  const receive = (made: Rig, status: number, errors = 0): number => {
    const got = collect(made);
    made.chip.receive(wire(100), { status, errors });
    made.lab.clock.drain();
    const { ipSummed } = got[0];
    consumeAll(got);
    return ipSummed;
  };

  it('a right checksum need not be looked at again', () => {
    const made = openRig();
    expect(receive(made, TCPCS)).toBe(CHECKSUM_UNNECESSARY);
    expect(made.adapter.hwCsumGood).toBe(1);
  });

  it('a wrong one is left to software', () => {
    const made = openRig();
    expect(receive(made, TCPCS, TCPE)).toBe(CHECKSUM_NONE);
    expect(made.adapter.hwCsumErr).toBe(1);
  });

  it('of what the chip does not know nothing is claimed', () => {
    expect(receive(openRig(), IXSM | TCPCS)).toBe(CHECKSUM_NONE);
    expect(receive(openRig(), 0)).toBe(CHECKSUM_NONE);
  });

  it('are not looked at when that is switched off', () => {
    expect(receive(openRig({ xsumRX: false }), TCPCS)).toBe(CHECKSUM_NONE);
  });

  it('a tag that the chip took out goes along', () => {
    const made = openRig();
    const seen: unknown[] = [];
    made.host.get(PacketTypes).add({
      ...{ name: 'test', type: eth.TYPE_ALL, dev: made.dev },
      func(skb) {
        seen.push([skb.vlanPresent, skb.vlanTci, skb.protocol]);
        skb.consume();
        return 0;
      },
    });
    made.chip.receive(wire(100), { status: VP, tag: 0xa064 });
    made.lab.clock.drain();
    expect(seen).toEqual([[true, 0xa064, TYPE]]);
  });
});

describe('damaged frames', () => {
  it('are skipped, and their buffer stays', () => {
    const made = openRig();
    const got = collect(made);
    made.chip.receive(wire(1000), { errors: CRC_ERROR });
    made.chip.receive(wire(100));
    made.lab.clock.drain();
    expect(got).toHaveLength(1);
    expect(made.chip.room).toBe(255);
    expect(made.dev.stats.rxPackets).toBe(1);
    consumeAll(got);
  });

  it('take all their pieces along', () => {
    const made = openRig();
    const got = collect(made);
    devChangeMtu(made.dev, 9000);
    made.lab.clock.drain();
    made.chip.receive(pattern(4096), { last: false });
    made.chip.receive(pattern(4096), { last: false, errors: CRC_ERROR });
    made.chip.receive(pattern(100));
    made.chip.receive(wire(100));
    made.lab.clock.drain();
    expect(got).toHaveLength(1);
    expect(frameBytes(got[0])).toEqual(wire(100));
    consumeAll(got);
  });

  it('without end do not grow for ever', () => {
    const made = openRig();
    const got = collect(made);
    for (let i = 0; i < 40; i++) made.chip.receive(pattern(1500), { last: false });
    made.chip.receive(pattern(10));
    made.chip.receive(wire(100));
    made.lab.clock.drain();
    expect(got).toHaveLength(1);
    consumeAll(got);
  });
});

describe('large frames', () => {
  const receiveJumbo = (made: Rig, bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += 4096) {
      made.chip.receive(bytes.subarray(at, at + 4096), { last: at + 4096 >= bytes.length });
    }
    made.lab.clock.drain();
  };

  it('come in several buffers, without a copy', () => {
    const made = openRig();
    const got = collect(made);
    devChangeMtu(made.dev, 16_000);
    made.lab.clock.drain();
    const blocks = [...made.adapter.rxRing.block.subarray(0, 4)];
    receiveJumbo(made, wire(16_014));
    expect(frameBytes(got[0])).toEqual(wire(16_014));
    const { head, shinfo } = got[0];
    expect([head, ...shinfo.fragPage.subarray(0, shinfo.nrFrags)]).toEqual(blocks);
    expect(made.dev.stats).toMatchObject({ rxPackets: 1, rxBytes: 16_014 });
    consumeAll(got);
  });

  it('an unfinished one is dropped when the device closes', () => {
    const made = openRig();
    devChangeMtu(made.dev, 9000);
    made.lab.clock.drain();
    made.chip.receive(pattern(4096), { last: false });
    made.lab.clock.drain();
    expect(made.pool.live).toBe(1);
    made.host.close();
    expect(made.pool.live).toBe(0);
  });

  it('up to 2048 bytes fit one buffer', () => {
    const made = openRig();
    const got = collect(made);
    devChangeMtu(made.dev, 2000);
    made.lab.clock.drain();
    made.chip.receive(wire(2014));
    made.lab.clock.drain();
    expect(got[0].shinfo.nrFrags).toBe(0);
    expect(frameBytes(got[0])).toEqual(wire(2014));
    consumeAll(got);
  });
});

describe('without memory', () => {
  it('small frames are handed over in their buffer, and the ring fills again later', () => {
    const made = openRig({ rxDescriptors: 80 }, { size: 8 * 65_536 });
    const got = collect(made);
    const held = exhaust(made);
    for (let i = 0; i < 79; i++) made.chip.receive(wire(100));
    made.lab.clock.drain();
    expect(got).toHaveLength(79);
    expect(made.chip.room).toBe(0);
    expect(made.adapter.allocRxBuffFailed).toBeGreaterThan(0);
    consumeAll(got);
    release(made, held);
    made.lab.clock.runFor(200 * MSEC);
    expect(made.chip.room).toBe(79);
    made.chip.receive(wire(100));
    made.lab.clock.drain();
    expect(got).toHaveLength(1);
    consumeAll(got);
  });

  it('keeps asking while there is none, and no longer than the device is up', () => {
    const made = openRig({ rxDescriptors: 80 }, { size: 8 * 65_536 });
    const got = collect(made);
    const held = exhaust(made);
    for (let i = 0; i < 79; i++) made.chip.receive(wire(1000));
    made.lab.clock.runFor(1000 * MSEC);
    expect(made.adapter.allocRxBuffFailed).toBeGreaterThan(5);
    made.host.close();
    expect(made.adapter.refillTimer.pending).toBe(false);
    consumeAll(got);
    release(made, held);
  });
});

describe('interrupts and polling', () => {
  it('mask the chip while it is polled, and not after', () => {
    const made = openRig();
    expect(made.chip.mask).not.toBe(0);
    const got = collect(made);
    made.chip.receive(wire(100));
    made.lab.clock.drain();
    const masks = made.chip.writes.filter(([to]) => to === IMC || to === IMS);
    expect(masks.map(([to, value]) => [to === IMC, value])).toEqual([
      [true, ~0],
      [false, 0x9d],
    ]);
    consumeAll(got);
  });

  it('one poll takes 64 frames at most, without another interrupt for the rest', () => {
    const made = openRig();
    const got = collect(made);
    const before = made.pdev.irq!.count;
    for (let i = 0; i < 200; i++) made.chip.receive(wire(60));
    const { napi } = made.adapter;
    const polls = napi.polls;
    made.lab.clock.drain();
    expect(got).toHaveLength(200);
    expect(napi.polls - polls).toBe(4);
    expect(made.pdev.irq!.count - before).toBe(1);
    consumeAll(got);
  });

  it('a shared line: what another chip asks for is not ours', () => {
    const made = openRig();
    const { irq } = made.pdev;
    irq!.pulse();
    made.lab.clock.drain();
    expect(irq!.spurious).toBe(1);
  });

  it('an interrupt of a chip that is no longer open does nothing', () => {
    const made = openRig();
    const polls = made.adapter.napi.polls;
    made.chip.interrupt(0x80);
    made.dev.ops.stop(made.dev);
    made.lab.clock.drain();
    expect(made.adapter.napi.polls).toBe(polls);
  });
});

it('leaves a trace of a frame, from the interrupt on', () => {
  const made = openRig();
  const hits: string[] = [];
  const remove = installTracer({ hit: (fn, _subject, note) => hits.push(`${fn} ${note}`.trimEnd()), born() {} });
  made.chip.receive(wire(100));
  made.lab.clock.drain();
  remove();
  expect(hits.slice(0, 13)).toEqual([
    'e1000_intr 128',
    'napi_schedule_prep yes',
    '__napi_schedule',
    '__raise_softirq_irqoff NET_RX',
    'net_rx_action',
    'napi_poll eth0',
    'e1000_clean 64',
    'e1000_alloc_rx_skb',
    'dma_sync_single_for_cpu 100',
    'skb_put_data',
    'e1000_copybreak copied',
    'e1000_clean_rx_irq',
    'e1000_receive_skb',
  ]);
});

it('each chip of a host brings its frames to its own device', () => {
  const made = openRig();
  const second = made.pdev.bus.plug(new FakeChip([2, 0, 0, 0, 0, 2]), { dma: made.dma });
  expect((second.driverData as NetDevice).name).toBe('eth1');
  const got = collect(made, TYPE);
  made.chip.receive(wire(100));
  made.lab.clock.drain();
  expect(got.map(({ dev }) => dev?.name)).toEqual(['eth0']);
  expect(eth.isTo(got[0], made.dev.devAddr)).toBe(true);
  consumeAll(got);
});
