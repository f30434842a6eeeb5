import { createCable } from '@stack/cable';
import type { VirtualClock } from '@stack/clock';
import { dmaMemory } from '@stack/pci';
import { machine } from '@stack/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  CTRL_RFCE,
  CTRL_SLU,
  CTRL_TFCE,
  FCRTL_XONE,
  RCTL_PMCF,
  RCTL_SECRC,
  RCTL_UPE,
  STATUS_TXOFF,
  TXD_EOP,
  TXD_IFCS,
  TXD_RS,
} from '../src/bits.ts';
import * as reg from '../src/registers.ts';
import { MAC, StubPort, TinyDriver } from './nic-driver.ts';

const LAST = TXD_EOP | TXD_IFCS | TXD_RS;
const GROUP = [0x01, 0x80, 0xc2, 0x00, 0x00, 0x01];

function flowControl(driver: TinyDriver, pause = 0xffff): void {
  driver.write(reg.FCAL, 0x00c2_8001);
  driver.write(reg.FCAH, 0x0100);
  driver.write(reg.FCT, 0x8808);
  driver.write(reg.FCTTV, pause);
  driver.write(reg.FCRTH, 40_000);
  driver.write(reg.FCRTL, 30_000 | FCRTL_XONE);
  driver.write(reg.CTRL, CTRL_SLU | CTRL_RFCE | CTRL_TFCE);
}

function pauseFrame(quanta: number, to = GROUP): Uint8Array {
  const bytes = new Uint8Array(60);
  bytes.set([...to, 2, 0, 0, 0, 0, 9, 0x88, 0x08, 0, 1, quanta >>> 8, quanta & 0xff]);
  return bytes;
}

function data(length: number, to: ArrayLike<number> = MAC): Uint8Array {
  const bytes = new Uint8Array(length).fill(7);
  bytes.set(Array.from(to));
  return bytes;
}

describe('one chip', () => {
  let clock: VirtualClock;
  let port: StubPort;
  let driver: TinyDriver;
  beforeEach(() => {
    clock = machine().clock;
    port = new StubPort();
    driver = new TinyDriver(clock, port, dmaMemory(new Uint8Array(1 << 20)));
    flowControl(driver);
    driver.startTransmit();
    driver.startReceive();
  });

  test('pauses for as long as it is told', () => {
    port.deliver(pauseFrame(100));
    driver.sendLegacy(data(60));
    clock.drain();
    expect(port.sent).toHaveLength(0);
    expect(driver.read(reg.STATUS) & STATUS_TXOFF).toBe(STATUS_TXOFF);
    clock.runUntil(100 * 512 - 1);
    expect(port.sent).toHaveLength(0);
    clock.runUntil(100 * 512);
    expect(port.sent).toHaveLength(1);
    expect(driver.read(0x4050)).toBe(1);
  });

  test('goes on at once when told so, and PAUSE frames are not for the host', () => {
    port.deliver(pauseFrame(0xffff, [...MAC]));
    driver.sendLegacy(data(60));
    clock.runFor(1000);
    port.deliver(pauseFrame(0));
    expect(driver.read(reg.STATUS) & STATUS_TXOFF).toBe(0);
    clock.drain();
    expect(port.sent).toHaveLength(1);
    expect([driver.read(0x4048), driver.read(0x4050)]).toEqual([1, 1]);
    expect(driver.receive()).toBeNull();
  });

  test('stops in the middle of a segmented packet, and goes on there', () => {
    driver.put(0x1_8000, data(3054));
    driver.descriptor(14 | (24 << 8) | (33 << 16), 34 | (50 << 8), 0x2700_0000 | 3000, (54 << 8) | (1000 << 16));
    driver.descriptor(0x1_8000, 0, 0x2710_0000 | LAST | 3054, 0x300);
    port.onSend = () => {
      if (port.sent.length === 1) port.deliver(pauseFrame(10));
    };
    driver.commit();
    clock.drain();
    expect(port.sent).toHaveLength(1);
    expect(driver.descriptorDone(1)).toBe(false);
    clock.runToEnd();
    expect(port.sent).toHaveLength(3);
    expect(driver.descriptorDone(1)).toBe(true);
  });

  test('does not care unless it was agreed', () => {
    driver.write(reg.CTRL, CTRL_SLU);
    port.deliver(pauseFrame(100));
    driver.sendLegacy(data(60));
    clock.drain();
    expect(port.sent).toHaveLength(1);
    driver.startReceive(64, 63, RCTL_PMCF | RCTL_UPE | RCTL_SECRC | (1 << 4));
    port.deliver(pauseFrame(100));
    expect(driver.receive()).not.toBeNull();
  });

  test('tells the other end to pause when the FIFO fills up, again if that is ignored, and when it may go on', () => {
    driver.startReceive(64, 0);
    for (let i = 0; i < 26; i++) port.deliver(data(1500));
    expect(port.sent).toHaveLength(0);
    port.deliver(data(1500));
    expect(port.sent).toEqual([Uint8Array.of(...GROUP, ...MAC, 0x88, 0x08, 0, 1, 0xff, 0xff, ...new Uint8Array(42))]);
    port.deliver(data(1500));
    expect(port.sent).toHaveLength(1);
    clock.runFor(20_000_000);
    port.deliver(data(1500));
    expect(port.sent).toHaveLength(2);
    driver.write(reg.RDT, 63);
    clock.drain();
    expect(port.sent).toHaveLength(3);
    expect(port.sent[2].subarray(12, 18)).toEqual(Uint8Array.of(0x88, 0x08, 0, 1, 0, 0));
    expect([driver.read(0x404c), driver.read(0x4054)]).toEqual([1, 2]);
  });
});

test('a fast sender on an instant cable loses nothing to a slow receiver', () => {
  const { clock, random, arena } = machine();
  const cable = createCable({ clock, random, arena });
  const a = new TinyDriver(clock, cable.a, dmaMemory(new Uint8Array(1 << 20)), true, Uint8Array.of(2, 0, 0, 0, 0, 1));
  const b = new TinyDriver(clock, cable.b, dmaMemory(new Uint8Array(1 << 20)));
  flowControl(a);
  flowControl(b);
  a.startTransmit(1024);
  a.startReceive();
  b.startReceive(16, 8, RCTL_UPE | RCTL_SECRC);
  const frames = 1000;
  a.put(0x8000, data(1514));
  for (let i = 0; i < frames; i++) a.descriptor(0x8000, 0, 1514 | LAST, 0);
  a.commit();
  let received = 0;
  for (let i = 0; i < frames; i++) {
    clock.runFor(10_000);
    for (let got = b.receive(); got !== null; got = b.receive()) received++;
    b.refill();
  }
  expect(received).toBe(frames);
  expect(b.read(0x4010)).toBe(0);
  expect(b.read(0x4054)).toBeGreaterThan(0);
  a.unplug();
  b.unplug();
});
