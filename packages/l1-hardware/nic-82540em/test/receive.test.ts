import { Frame } from '@stack/cable';
import type { VirtualClock } from '@stack/clock';
import { dmaMemory } from '@stack/pci';
import { internetChecksum, ipv4Frame, machine, tcpFrame, udpFrame } from '@stack/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  CTRL_RST,
  CTRL_SLU,
  ICR_RXDMT0,
  ICR_RXO,
  ICR_RXT0,
  RCTL_BAM,
  RCTL_BSEX,
  RCTL_LPE,
  RCTL_MPE,
  RCTL_SBP,
  RCTL_SECRC,
  RCTL_UPE,
  RCTL_VFE,
} from '../src/bits.ts';
import { frameCheckSequence } from '../src/crc32.ts';
import * as reg from '../src/registers.ts';
import { MAC, StubPort, TinyDriver } from './nic-driver.ts';

const EOP = 0x02;
const IXSM = 0x04;
const VP = 0x08;
const TCPCS = 0x20;
const IPCS = 0x40;
const PIF = 0x80;
const TCPE = 0x20;
const IPE = 0x40;

const OURS = [...MAC].map((byte) => byte.toString(16).padStart(2, '0')).join(':');

let clock: VirtualClock;
let port: StubPort;
let driver: TinyDriver;
beforeEach(() => {
  clock = machine().clock;
  port = new StubPort();
  driver = new TinyDriver(clock, port, dmaMemory(new Uint8Array(1 << 20)));
  driver.write(reg.VET, 0x8100);
  driver.startReceive();
  driver.read(reg.ICR);
});

/** A frame of `length` bytes to us (or elsewhere) with an ethertype of no protocol. */
function frame(length: number, to: ArrayLike<number> = MAC): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 11) & 0xff);
  bytes.set(Array.from(to), 0);
  bytes.set([0x02, 0, 0, 0, 0, 9, 0x88, 0xb5], 6);
  return bytes;
}

describe('reception', () => {
  test('a frame comes into the buffer, with length and status', () => {
    port.deliver(frame(100));
    const got = driver.receive()!;
    expect(got.bytes).toEqual(frame(100));
    expect(got.status & (EOP | IXSM)).toBe(EOP | IXSM);
    expect(driver.read(reg.ICR)).toBe(ICR_RXT0);
    expect(driver.read(reg.RDH)).toBe(1);
    expect(driver.receive()).toBeNull();
  });

  test('with the check sequence, unless the chip strips it', () => {
    driver.startReceive(64, 63, RCTL_BAM);
    const bytes = frame(100);
    const sent = new Frame(bytes, 1);
    sent.add(0, 100);
    port.deliver(bytes);
    const got = driver.receive()!;
    expect(got.length).toBe(104);
    expect(new DataView(got.bytes.buffer).getInt32(100, true)).toBe(frameCheckSequence(sent, 100));
  });

  test('the check sequence is that of IEEE 802.3', () => {
    const bytes = new TextEncoder().encode('123456789');
    const sent = new Frame(bytes, 2);
    sent.add(0, 4);
    sent.add(4, 5);
    expect(frameCheckSequence(sent, 9) >>> 0).toBe(0xcbf43926);
  });

  test('frames from wires that are no Ethernet are padded', () => {
    port.deliver(frame(42));
    const got = driver.receive()!;
    expect(got.length).toBe(60);
    expect(got.bytes.subarray(42)).toEqual(new Uint8Array(18));
  });

  test('a frame longer than a buffer takes several', () => {
    driver.bufferSize = 256;
    driver.startReceive(64, 63, RCTL_SECRC | (3 << 16));
    port.deliver(frame(700));
    const parts = [driver.receive()!, driver.receive()!, driver.receive()!];
    expect(parts.map(({ length, status }) => [length, status & EOP])).toEqual([
      [256, 0],
      [256, 0],
      [188, EOP],
    ]);
    expect(Uint8Array.of(...parts.flatMap(({ bytes }) => [...bytes]))).toEqual(frame(700));
  });

  test('buffers of 4,096 bytes, and long frames where they are allowed', () => {
    driver.bufferSize = 4096;
    driver.startReceive(16, 15, RCTL_SECRC | RCTL_BSEX | (3 << 16) | RCTL_LPE);
    port.deliver(frame(9018));
    expect([driver.receive()!, driver.receive()!, driver.receive()!].map(({ length }) => length)).toEqual([
      4096, 4096, 826,
    ]);
    driver.startReceive(16, 15, RCTL_SECRC | RCTL_BSEX | (3 << 16));
    port.deliver(frame(1519));
    port.deliver(frame(1518));
    expect(driver.receive()?.length).toBe(1518);
    expect(driver.read(0x40ac)).toBe(1);
  });

  test('damaged frames are counted and thrown away, unless they are wanted', () => {
    port.deliver(frame(100), true);
    expect(driver.receive()).toBeNull();
    expect(driver.read(0x4000)).toBe(1);
    driver.startReceive(64, 63, RCTL_SECRC | RCTL_SBP);
    port.deliver(frame(100), true);
    expect(driver.receive()).toMatchObject({ errors: 1 });
  });

  test('nothing comes while reception is off or there is no link', () => {
    driver.write(reg.RCTL, 0);
    port.deliver(frame(100));
    driver.startReceive();
    driver.write(reg.CTRL, 0);
    port.deliver(frame(100));
    expect(driver.receive()).toBeNull();
  });

  test('a buffer in memory that does not exist loses the frame, and nothing breaks', () => {
    driver.bus.memory.view.setInt32(0x3000, 0x7fff_0000, true);
    expect(() => port.deliver(frame(100))).not.toThrow();
    driver.write(reg.RDBAL, 0x7fff_f000);
    expect(() => port.deliver(frame(100))).not.toThrow();
    driver.write(reg.RDBAL, 0x3000);
    driver.write(reg.RDH, 0xffff);
    expect(() => port.deliver(frame(100))).not.toThrow();
  });

  test('goes round the ring', () => {
    driver.startReceive(8);
    for (let i = 0; i < 30; i++) {
      port.deliver(frame(60 + i));
      expect(driver.receive()?.length).toBe(60 + i);
      driver.refill();
    }
  });
});

describe('filters', () => {
  const status = (to: number[]): number | null => {
    port.deliver(frame(60, to));
    return driver.receive()?.status ?? null;
  };

  test('our address, and broadcasts where they are accepted', () => {
    expect(status([...MAC])! & PIF).toBe(0);
    expect(status([0x02, 9, 9, 9, 9, 9])).toBeNull();
    expect(status([255, 255, 255, 255, 255, 255])).not.toBeNull();
    driver.startReceive(64, 63, RCTL_SECRC);
    expect(status([255, 255, 255, 255, 255, 255])).toBeNull();
  });

  test('further addresses, exactly', () => {
    driver.write(reg.RA + 8 * 15, 0x33221102);
    driver.write(reg.RA + 8 * 15 + 4, 0x5544);
    expect(status([0x02, 0x11, 0x22, 0x33, 0x44, 0x55])).toBeNull();
    driver.write(reg.RA + 8 * 15 + 4, 0x5544 | (1 << 31));
    expect(status([0x02, 0x11, 0x22, 0x33, 0x44, 0x55])! & PIF).toBe(0);
  });

  test('multicasts by hash, by each of the four choices of bits', () => {
    const group = [0x01, 0x00, 0x5e, 0x00, 0x12, 0x34];
    const high = 0x3412;
    const hashes = [high >>> 4, (high >>> 3) & 0xfff, (high >>> 2) & 0xfff, high & 0xfff];
    hashes.forEach((hash, offset) => {
      driver.startReceive(64, 63, RCTL_SECRC | (offset << 12));
      const at = reg.MTA + 4 * (hash >>> 5);
      expect(status(group)).toBeNull();
      driver.write(at, 1 << (hash & 31));
      expect(status(group)! & PIF).toBe(PIF);
      driver.write(at, 0);
    });
  });

  test('everything, when promiscuous', () => {
    driver.startReceive(64, 63, RCTL_SECRC | RCTL_UPE);
    expect(status([0x02, 9, 9, 9, 9, 9])! & PIF).toBe(PIF);
    expect(status([0x03, 9, 9, 9, 9, 9])).toBeNull();
    driver.startReceive(64, 63, RCTL_SECRC | RCTL_MPE);
    expect(status([0x02, 9, 9, 9, 9, 9])).toBeNull();
    expect(status([0x03, 9, 9, 9, 9, 9])! & PIF).toBe(PIF);
  });

  test('VLANs: only those in the table, and untagged frames', () => {
    driver.startReceive(64, 63, RCTL_SECRC | RCTL_VFE);
    const tagged = Uint8Array.of(...MAC, 2, 0, 0, 0, 0, 9, 0x81, 0x00, 0x20, 0x65, ...frame(60).subarray(12));
    port.deliver(tagged);
    expect(driver.receive()).toBeNull();
    driver.write(reg.VFTA + 4 * (0x65 >>> 5), 1 << (0x65 & 31));
    port.deliver(tagged);
    expect(driver.receive()).toMatchObject({ length: 64, special: 0 });
    port.deliver(frame(60));
    expect(driver.receive()).not.toBeNull();
  });

  test('a tag is taken out and shown in the descriptor', () => {
    driver.write(reg.CTRL, driver.read(reg.CTRL) | (1 << 30));
    const plain = frame(100);
    port.deliver(Uint8Array.of(...plain.subarray(0, 12), 0x81, 0x00, 0x20, 0x65, ...plain.subarray(12)));
    const got = driver.receive()!;
    expect(got.bytes).toEqual(plain);
    expect([got.status & VP, got.special]).toEqual([VP, 0x2065]);
    port.deliver(plain);
    expect(driver.receive()!.status & VP).toBe(0);
  });
});

describe('checksums', () => {
  const to = { macDestination: OURS };
  const verdict = (bytes: Uint8Array): [number, number] => {
    port.deliver(bytes);
    const { status, errors } = driver.receive()!;
    return [status & (IXSM | TCPCS | IPCS), errors];
  };
  beforeEach(() => driver.write(reg.RXCSUM, 0x300));

  test('right ones of TCP and UDP', () => {
    for (const payload of ['', 'x', 'hello', 'y'.repeat(1400)]) {
      expect(verdict(tcpFrame({ ...to, sourcePort: 1, destinationPort: 2, flags: '.', payload }))).toEqual([
        TCPCS | IPCS,
        0,
      ]);
      expect(verdict(udpFrame({ ...to, sourcePort: 1, destinationPort: 2, payload }))).toEqual([TCPCS | IPCS, 0]);
    }
  });

  test('wrong ones', () => {
    const bytes = tcpFrame({ ...to, sourcePort: 1, destinationPort: 2, flags: '.', payload: 'hello there' });
    bytes[60] ^= 0x10;
    expect(verdict(bytes)).toEqual([TCPCS | IPCS, TCPE]);
    const header = tcpFrame({ ...to, sourcePort: 1, destinationPort: 2, flags: '.', payload: 'hello there' });
    header[22] ^= 1; // TTL: the pseudo-header does not have it
    expect(verdict(header)).toEqual([TCPCS | IPCS, IPE]);
  });

  test('with IP options, padding that is not zero, and a VLAN tag in the frame', () => {
    const options = Uint8Array.of(7, 7, 4, 1, 2, 3, 4, 0);
    const routed = udpFrame({ ...to, sourcePort: 1, destinationPort: 2, payload: 'odd', ipOptions: options });
    expect(verdict(routed)).toEqual([TCPCS | IPCS, 0]);
    const small = udpFrame({ ...to, sourcePort: 1, destinationPort: 2, payload: 'odd' });
    expect(verdict(Uint8Array.of(...small, ...new Uint8Array(21).fill(0xa5)))).toEqual([TCPCS | IPCS, 0]);
    expect(verdict(Uint8Array.of(...routed.subarray(0, 12), 0x81, 0, 0, 5, ...routed.subarray(12)))).toEqual([
      TCPCS | IPCS,
      0,
    ]);
  });

  test('what cannot be verified is not', () => {
    const none = udpFrame({ ...to, sourcePort: 1, destinationPort: 2, payload: 'x', checksum: false });
    expect(verdict(none)).toEqual([IPCS, 0]);
    const fragment = tcpFrame({ ...to, sourcePort: 1, destinationPort: 2, flags: '.', moreFragments: true });
    expect(verdict(fragment)).toEqual([IPCS, 0]);
    expect(verdict(ipv4Frame(47, new Uint8Array(30), to))).toEqual([IPCS, 0]);
    expect(verdict(frame(100))).toEqual([IXSM, 0]);
    const cut = tcpFrame({ ...to, sourcePort: 1, destinationPort: 2, flags: '.', payload: 'x'.repeat(100) });
    expect(verdict(cut.subarray(0, 80))).toEqual([IXSM, 0]);
    const bad = tcpFrame({ ...to, sourcePort: 1, destinationPort: 2, flags: '.' });
    bad[14] = 0x4f;
    expect(verdict(bad.subarray(0, 60))).toEqual([IXSM, 0]);
  });

  test('only what is asked for', () => {
    const bytes = tcpFrame({ ...to, sourcePort: 1, destinationPort: 2, flags: '.' });
    driver.write(reg.RXCSUM, 0);
    expect(verdict(bytes)).toEqual([IXSM, 0]);
    driver.write(reg.RXCSUM, 0x100);
    expect(verdict(bytes)).toEqual([IPCS, 0]);
    driver.write(reg.RXCSUM, 0x200);
    expect(verdict(bytes)).toEqual([TCPCS, 0]);
  });

  test('over several buffers', () => {
    driver.bufferSize = 256;
    driver.startReceive(64, 63, RCTL_SECRC | (3 << 16));
    driver.write(reg.RXCSUM, 0x300);
    port.deliver(tcpFrame({ ...to, sourcePort: 1, destinationPort: 2, flags: '.', payload: 'z'.repeat(1001) }));
    let last = driver.receive()!;
    while ((last.status & EOP) === 0) last = driver.receive()!;
    expect([last.status & (TCPCS | IPCS), last.errors]).toEqual([TCPCS | IPCS, 0]);
  });

  test('the descriptor has the sum from PCSS on', () => {
    for (const start of [0, 14, 15, 34]) {
      driver.write(reg.RXCSUM, start);
      const bytes = frame(101);
      port.deliver(bytes);
      const sum = ~internetChecksum(bytes.subarray(start)) & 0xffff;
      expect(driver.receive()!.checksum).toBe(((sum & 0xff) << 8) | (sum >>> 8));
    }
  });
});

describe('when the driver is slow', () => {
  test('frames wait in the FIFO, in order, and then for nothing', () => {
    driver.startReceive(64, 2);
    for (let i = 0; i < 6; i++) port.deliver(frame(100 + i));
    expect([driver.receive()?.length, driver.receive()?.length, driver.receive()]).toEqual([100, 101, null]);
    expect(driver.read(0x40a0)).toBe(4); // no buffers
    driver.write(reg.RDT, 20);
    expect(driver.receive()).toBeNull();
    port.deliver(frame(106));
    clock.drain();
    for (let i = 2; i < 7; i++) expect(driver.receive()?.bytes).toEqual(frame(100 + i));
    expect(driver.receive()).toBeNull();
  });

  test('what the FIFO cannot hold is missed', () => {
    driver.write(reg.PBA, 8);
    driver.write(reg.CTRL, CTRL_RST);
    driver.write(reg.CTRL, CTRL_SLU);
    driver.startReceive(64, 0);
    for (let i = 0; i < 60; i++) port.deliver(frame(1000));
    const missed = driver.read(0x4010);
    expect(missed).toBe(60 - Math.floor(8192 / 1024));
    expect(driver.read(reg.ICR) & ICR_RXO).toBe(ICR_RXO);
    driver.write(reg.RDT, 63);
    clock.drain();
    let received = 0;
    for (let got = driver.receive(); got !== null; got = driver.receive()) {
      expect(got.bytes).toEqual(frame(1000));
      received++;
    }
    expect(received).toBe(60 - missed);
  });

  test('frames of all sizes survive going round the FIFO', () => {
    driver.startReceive(64, 0);
    let sent = 60;
    let expected = 60;
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 20; i++) port.deliver(frame(sent++));
      driver.refill();
      clock.drain();
      for (let got = driver.receive(); got !== null; got = driver.receive())
        expect(got.bytes).toEqual(frame(expected++));
      driver.write(reg.RDT, driver.read(reg.RDH));
    }
    expect(expected).toBe(sent);
    expect(driver.read(0x4010)).toBe(0);
  });

  test('it is told when few buffers are left', () => {
    driver.startReceive(64, 63, RCTL_SECRC | (1 << 8)); // a quarter
    for (let i = 0; i < 46; i++) port.deliver(frame(60));
    expect(driver.read(reg.ICR) & ICR_RXDMT0).toBe(0);
    port.deliver(frame(60));
    expect(driver.read(reg.ICR) & ICR_RXDMT0).toBe(ICR_RXDMT0);
  });

  test('interrupts are delayed, but not for ever', () => {
    driver.write(reg.RDTR, 10);
    driver.write(reg.RADV, 15);
    driver.write(reg.IMS, ICR_RXT0);
    port.deliver(frame(60));
    clock.runUntil(9 * 1024);
    port.deliver(frame(60));
    clock.runUntil(15 * 1024 - 1);
    expect(driver.bus.interrupted).toBe(false);
    clock.runUntil(15 * 1024);
    expect(driver.bus.interrupted).toBe(true);
    driver.read(reg.ICR);
    port.deliver(frame(60));
    driver.write(reg.RDTR, 10 | (1 << 31));
    expect(driver.bus.interrupted).toBe(true);
  });
});

test('statistics: what arrived, and what was for us', () => {
  port.deliver(frame(60));
  port.deliver(frame(200, [0x02, 9, 9, 9, 9, 9]));
  port.deliver(frame(1514, [255, 255, 255, 255, 255, 255]));
  const read = (at: number): number => driver.read(at);
  expect([read(0x40d0), read(0x4074), read(0x4078), read(0x407c)]).toEqual([3, 2, 1, 0]);
  expect([read(0x40c0), read(0x4088)]).toEqual([64 + 204 + 1518, 64 + 1518]);
  expect([read(0x405c), read(0x4064), read(0x4070)]).toEqual([1, 0, 1]);
  expect(read(0x40c4)).toBe(0);
  expect(read(0x40c0)).toBe(0);
});
