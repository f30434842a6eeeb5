import type { VirtualClock } from '@stack/clock';
import { dmaMemory } from '@stack/pci';
import { decodeFrame, machine, tcpFrame, udpFrame } from '@stack/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ICR_TXDW,
  ICR_TXD_LOW,
  ICR_TXQE,
  TXD_DEXT,
  TXD_EOP,
  TXD_IC,
  TXD_IDE,
  TXD_IFCS,
  TXD_RS,
  TXD_VLE,
} from '../src/bits.ts';
import { frameCheckSequence } from '../src/crc32.ts';
import * as reg from '../src/registers.ts';
import { Frame } from '@stack/cable';
import { StubPort, TinyDriver } from './nic-driver.ts';

const LAST = TXD_EOP | TXD_IFCS | TXD_RS;
const DATA = TXD_DEXT | (1 << 20);
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => 2 + ((i * 13) & 0xfd));

// With memory of the bus for its headers the chip sends gathered frames, without it copies: both must look the same.
describe.each([true, false])('memory shared with the bus: %s', (shared) => {
  let clock: VirtualClock;
  let port: StubPort;
  let driver: TinyDriver;
  beforeEach(() => {
    clock = machine().clock;
    port = new StubPort();
    driver = new TinyDriver(clock, port, dmaMemory(new Uint8Array(1 << 20)), shared);
    driver.startTransmit();
    driver.read(reg.ICR);
  });

  test('a write to the tail acts in a task of its own', () => {
    const index = driver.sendLegacy(bytes(100));
    expect(port.sent).toEqual([]);
    clock.drain();
    expect(port.sent).toEqual([bytes(100)]);
    expect(driver.descriptorDone(index)).toBe(true);
    expect(driver.read(reg.TDH)).toBe(1);
    expect(driver.read(reg.ICR)).toBe(ICR_TXDW | ICR_TXQE);
  });

  test('short frames are padded with zeros to 60 bytes', () => {
    driver.sendLegacy(bytes(42));
    clock.drain();
    expect(port.sent[0]).toHaveLength(60);
    expect(port.sent[0].subarray(0, 42)).toEqual(bytes(42));
    expect(port.sent[0].subarray(42)).toEqual(new Uint8Array(18));
  });

  test('only a descriptor that asks for it is reported', () => {
    driver.put(0x8000, bytes(100));
    driver.descriptor(0x8000, 0, 40 | TXD_IFCS, 0);
    driver.descriptor(0x8000 + 40, 0, 60 | TXD_EOP | TXD_IFCS, 0);
    const asked = driver.sendLegacy(bytes(60), LAST, 0, 0x9000);
    clock.drain();
    expect(port.sent).toEqual([bytes(100), bytes(60)]);
    expect([0, 1, asked].map((index) => driver.descriptorDone(index))).toEqual([false, false, true]);
  });

  test('a packet waits until its last descriptor is there', () => {
    driver.put(0x8000, bytes(100));
    driver.descriptor(0x8000, 0, 40 | TXD_IFCS, 0);
    driver.commit();
    clock.drain();
    expect(port.sent).toEqual([]);
    driver.descriptor(0x8000 + 40, 0, 60 | LAST, 0);
    driver.commit();
    clock.drain();
    expect(port.sent).toEqual([bytes(100)]);
  });

  test('a legacy descriptor inserts a checksum of the rest of the packet', () => {
    const frame = udpFrame({ sourcePort: 1, destinationPort: 2, payload: 'hello world' });
    const whole = decodeFrame(frame);
    const view = new DataView(frame.buffer, frame.byteOffset);
    view.setUint16(40, 0);
    // The driver leaves the sum of the pseudo-header in the field.
    let sum = 17 + 8 + 11;
    for (let at = 26; at < 34; at += 2) sum += view.getUint16(at);
    view.setUint16(40, (sum & 0xffff) + (sum >>> 16));
    driver.put(0x8000, frame);
    driver.descriptor(0x8000, 0, frame.length | (40 << 16) | LAST | TXD_IC, 34 << 8);
    driver.commit();
    clock.drain();
    const sent = decodeFrame(port.sent[0]);
    expect(sent.udp).toEqual(whole.udp);
    expect(sent.udp?.checksumOk).toBe(true);
  });

  test('a context inserts both checksums, in whatever pieces the packet lies', () => {
    const frame = tcpFrame({ sourcePort: 1, destinationPort: 2, flags: 'P.', seq: 5, payload: 'x'.repeat(501) });
    const view = new DataView(frame.buffer, frame.byteOffset);
    view.setUint16(24, 0);
    let sum = 6 + 20 + 501;
    for (let at = 26; at < 34; at += 2) sum += view.getUint16(at);
    view.setUint16(50, (sum & 0xffff) + (sum >>> 16));
    for (const [i, cut] of [14, 33, 54, 55, 300].entries()) {
      const at = 0x1_0000 + i * 0x2000;
      driver.put(at, frame.subarray(0, cut));
      driver.put(at + 0x801, frame.subarray(cut));
      driver.descriptor(14 | (24 << 8) | (33 << 16), 34 | (50 << 8), TXD_DEXT | (1 << 24), 0);
      driver.descriptor(at, 0, cut | DATA | TXD_IFCS, 0x300);
      driver.descriptor(at + 0x801, 0, (frame.length - cut) | DATA | LAST, 0x300);
    }
    driver.commit();
    clock.drain();
    expect(port.sent).toHaveLength(5);
    for (const sent of port.sent) {
      const { ip, tcp, payload } = decodeFrame(sent);
      expect([ip?.checksumOk, tcp?.checksumOk, payload.length]).toEqual([true, true, 501]);
    }
  });

  test('UDP never gets the checksum 0, which means none', () => {
    const frame = bytes(60);
    frame.fill(0, 34);
    frame[34] = frame[35] = 0xff;
    driver.put(0x8000, frame);
    driver.descriptor(0, 34 | (40 << 8), TXD_DEXT, 0);
    driver.descriptor(0x8000, 0, 60 | DATA | LAST, 0x200);
    driver.descriptor(0, 34 | (40 << 8), TXD_DEXT | (1 << 24), 0);
    driver.descriptor(0x8000, 0, 60 | DATA | LAST, 0x200);
    driver.commit();
    clock.drain();
    expect(port.sent.map((sent) => (sent[40] << 8) | sent[41])).toEqual([0xffff, 0]);
  });

  test('a VLAN tag is inserted behind the addresses', () => {
    driver.write(reg.VET, 0x8100);
    driver.write(reg.CTRL, driver.read(reg.CTRL) | (1 << 30));
    const frame = bytes(80);
    driver.sendLegacy(frame, LAST | TXD_VLE, 0x6064 << 16);
    driver.sendLegacy(frame, LAST, 0x6064 << 16, 0x9000);
    clock.drain();
    expect(port.sent[0]).toEqual(Uint8Array.of(...frame.subarray(0, 12), 0x81, 0, 0x60, 0x64, ...frame.subarray(12)));
    expect(port.sent[1]).toEqual(frame);
  });

  test('a packet of many pieces', () => {
    driver.put(0x8000, bytes(1500));
    for (let i = 0; i < 50; i++) driver.descriptor(0x8000 + i * 30, 0, 30 | (i === 49 ? LAST : TXD_IFCS), 0);
    driver.commit();
    clock.drain();
    expect(port.sent).toEqual([bytes(1500)]);
  });

  test('a frame with the driver’s own check sequence is judged by it', () => {
    const frame = new Frame(bytes(100), 1);
    frame.add(0, 100);
    const fcs = frameCheckSequence(frame, 100);
    const own = Uint8Array.of(...bytes(100), fcs, fcs >>> 8, fcs >>> 16, fcs >>> 24);
    driver.sendLegacy(own, TXD_EOP | TXD_RS);
    own[3] ^= 1;
    driver.sendLegacy(own, TXD_EOP | TXD_RS, 0, 0x9000);
    clock.drain();
    expect(port.sent.map(({ length }) => length)).toEqual([100, 100]);
    expect(port.good).toEqual([true, false]);
  });
});

describe('the engine', () => {
  let clock: VirtualClock;
  let port: StubPort;
  let driver: TinyDriver;
  beforeEach(() => {
    clock = machine().clock;
    port = new StubPort();
    driver = new TinyDriver(clock, port, dmaMemory(new Uint8Array(1 << 20)));
    driver.startTransmit(512);
    driver.read(reg.ICR);
  });

  const fill = (count: number): void => {
    for (let i = 0; i < count; i++) driver.descriptor(0x8000, 0, 100 | LAST, 0);
    driver.commit();
  };

  test('waits for the wire when that has a speed', () => {
    port.rate = 1e9;
    const times: number[] = [];
    port.onSend = (frame) => {
      times.push(clock.now());
      port.nextFree = clock.now() + (frame.length + 24) * 8;
    };
    fill(3);
    clock.runToEnd();
    expect(times).toEqual([0, 992, 1984]);
    expect(driver.read(reg.TDH)).toBe(3);
  });

  test('lets others have their turn after 128 frames', () => {
    fill(300);
    const turns: number[] = [];
    const look = (): void => {
      turns.push(port.sent.length);
      if (port.sent.length < 300) clock.post({ run: look });
    };
    clock.post({ run: look });
    clock.drain();
    expect(turns).toEqual([128, 256, 300]);
  });

  test('does nothing while it is off, the link is down, or it must not use DMA', () => {
    driver.write(reg.TCTL, 0);
    fill(1);
    clock.drain();
    expect(port.sent).toHaveLength(0);
    driver.chip.configWrite(4, 2, 0x0002);
    driver.write(reg.TCTL, 0x0a);
    clock.drain();
    expect(port.sent).toHaveLength(0);
    driver.chip.configWrite(4, 2, 0x0006);
    clock.drain();
    expect(port.sent).toHaveLength(1);
    port.receiver!.linkChanged(false);
    fill(1);
    clock.drain();
    expect(port.sent).toHaveLength(1);
    port.receiver!.linkChanged(true);
    clock.drain();
    expect(port.sent).toHaveLength(2);
  });

  test('interrupts that may be delayed are, but not for ever', () => {
    driver.write(reg.TIDV, 10);
    driver.write(reg.TADV, 25);
    driver.write(reg.IMS, ICR_TXDW);
    const send = (): void => {
      driver.sendLegacy(bytes(60), LAST | TXD_IDE);
      clock.drain();
    };
    send();
    clock.runUntil(8 * 1024);
    expect(driver.bus.interrupted).toBe(false);
    send();
    clock.runUntil(17 * 1024);
    send();
    clock.runUntil(25 * 1024 - 1);
    expect(driver.bus.interrupted).toBe(false);
    clock.runUntil(25 * 1024);
    expect(driver.bus.interrupted).toBe(true);
    driver.read(reg.ICR);
    clock.runToEnd();
    expect(driver.bus.interrupted).toBe(false);
  });

  test('says when few descriptors are left', () => {
    driver.write(reg.TXDCTL, (1 << 25) | 0); // 8 of them
    fill(20);
    let causes = 0;
    port.onSend = () => {
      if (port.sent.length === 12) causes = driver.read(reg.ICR);
    };
    clock.drain();
    expect(causes & ICR_TXD_LOW).toBe(0);
    expect(driver.read(reg.ICR) & ICR_TXD_LOW).toBe(ICR_TXD_LOW);
  });

  test('goes round the ring', () => {
    driver.startTransmit(8);
    for (let round = 0; round < 5; round++) {
      fill(5);
      clock.drain();
    }
    expect(port.sent).toHaveLength(25);
    expect(driver.read(reg.TDH)).toBe(25 % 8);
  });

  test('a packet in memory that does not exist is not sent, and nothing breaks', () => {
    driver.descriptor(0x7fff_0000, 0, 100 | LAST, 0);
    driver.descriptor(0x8000, 5, 100 | LAST, 0);
    driver.commit();
    expect(() => clock.drain()).not.toThrow();
    driver.write(reg.TDBAL, 0x7fff_f000);
    driver.commit();
    expect(() => clock.drain()).not.toThrow();
    expect(port.sent).toHaveLength(0);
  });

  test('in loopback, frames come back and do not leave', () => {
    driver.startReceive(64, 63, (1 << 6) | (1 << 3) | (1 << 26));
    driver.sendLegacy(bytes(100));
    clock.drain();
    expect(port.sent).toHaveLength(0);
    expect(driver.receive()?.bytes).toEqual(bytes(100));
  });

  test('counts frames and octets, with their check sequence', () => {
    const send = (first: number, length: number): void => {
      const frame = bytes(length).fill(first, 0, 6);
      driver.sendLegacy(frame);
      clock.drain();
    };
    send(0x02, 60);
    send(0x03, 61);
    send(0xff, 1514);
    const read = (at: number): number => driver.read(at);
    expect([read(0x40d4), read(0x4080), read(0x40f0), read(0x40f4)]).toEqual([3, 3, 1, 1]);
    expect([read(0x40d8), read(0x40dc), read(0x40ec)]).toEqual([1, 1, 1]);
    expect([read(0x4090), read(0x4090), read(0x4094), read(0x4090)]).toEqual([1647, 1647, 0, 0]);
    expect(read(0x40d4)).toBe(0);
  });
});
