import { PCI_COMMAND, PCI_COMMAND_MASTER, PCI_COMMAND_MEMORY, dmaMemory } from '@stack/pci';
import type { VirtualClock } from '@stack/clock';
import { machine } from '@stack/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { ICR_LSC, ICR_RXT0, ICR_TXDW } from '../src/bits.ts';
import * as reg from '../src/registers.ts';
import { StubPort, TinyDriver } from './nic-driver.ts';

let clock: VirtualClock;
let port: StubPort;
let driver: TinyDriver;
beforeEach(() => {
  clock = machine().clock;
  port = new StubPort();
  driver = new TinyDriver(clock, port, dmaMemory(new Uint8Array(1 << 17)));
  driver.read(reg.ICR);
});

describe('the function', () => {
  test('is an 82540EM', () => {
    expect(driver.chip.configRead(0, 4)).toBe(0x100e_8086);
    expect(driver.chip.configRead(9, 1) | (driver.chip.configRead(10, 2) << 8)).toBe(0x020000);
    expect(driver.chip.configRead(0x3d, 1)).toBe(1);
  });

  test('has 128 KB of registers and 64 bytes of I/O', () => {
    const size = (bar: number): number => {
      driver.chip.configWrite(0x10 + 4 * bar, 4, -1);
      return driver.chip.configRead(0x10 + 4 * bar, 4) >>> 0;
    };
    expect(size(0)).toBe(0xfffe_0000);
    expect(size(1)).toBe(0);
    expect(size(2)).toBe(0xffff_ffc1);
  });

  test('sleeps in D3hot, and wakes as after a reset', () => {
    driver.write(reg.FCTTV, 7);
    driver.chip.configWrite(0xdc + 4, 2, 3);
    expect(driver.read(reg.STATUS)).toBe(0);
    driver.write(reg.FCTTV, 9);
    driver.chip.configWrite(0xdc + 4, 2, 0);
    expect(driver.read(reg.STATUS)).not.toBe(0);
    expect(driver.read(reg.FCTTV)).toBe(0);
  });

  test('is as after power-on when the slot is reset', () => {
    driver.write(reg.MTA, 5);
    driver.chip.reset();
    expect(driver.chip.configRead(PCI_COMMAND, 2)).toBe(0);
    driver.chip.configWrite(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    expect(driver.read(reg.MTA)).toBe(0);
  });
});

describe('registers', () => {
  test('keep what is written, as far as they have bits for it', () => {
    driver.write(reg.TDBAL, 0x1234_567f);
    driver.write(reg.RDLEN, 0x1001);
    driver.write(reg.FCT, -1);
    expect([driver.read(reg.TDBAL), driver.read(reg.RDLEN), driver.read(reg.FCT)]).toEqual([
      0x1234_5670, 0x1000, 0xffff,
    ]);
  });

  test('tables have all their words', () => {
    for (const at of [reg.MTA, reg.MTA_END - 4, reg.RA, reg.RA_END - 4, reg.VFTA, reg.VFTA_END - 4]) {
      driver.write(at, at);
      expect(driver.read(at)).toBe(at);
    }
  });

  test('those that do not exist read 0 and swallow what is written', () => {
    for (const at of [0x0004, 0x00f0, 0x3500, 0x7000, 0x1_fffc]) {
      driver.write(at, -1);
      expect(driver.read(at)).toBe(0);
    }
  });

  test('PBA divides 64 KB', () => {
    expect(driver.read(reg.PBA)).toBe(0x0010_0030);
    driver.write(reg.PBA, 40);
    expect(driver.read(reg.PBA)).toBe((24 << 16) | 40);
  });

  test('are all reached through eight bytes of I/O space', () => {
    driver.chip.barWrite(2, 0, 4, reg.FCTTV);
    driver.chip.barWrite(2, 4, 4, 0x77);
    expect(driver.chip.barRead(2, 0, 4)).toBe(reg.FCTTV);
    expect(driver.chip.barRead(2, 4, 4)).toBe(0x77);
    expect(driver.read(reg.FCTTV)).toBe(0x77);
    driver.chip.barWrite(2, 0, 4, 0x2_0000);
    expect(driver.chip.barRead(2, 4, 4)).toBe(0);
  });

  test('a reset sets defaults, takes the address from the EEPROM, and leaves the transceiver alone', () => {
    driver.write(reg.MDIC, 0x01e1 | (4 << 16) | (1 << 21) | (1 << 26));
    driver.write(reg.RA, 0);
    driver.write(reg.RCTL, -1);
    driver.write(reg.IMS, -1);
    driver.write(reg.CTRL, 1 << 26);
    expect(driver.read(reg.RA)).toBe(0x3020_1002);
    expect(driver.read(reg.RA + 4)).toBe(0x8000_5040 | 0);
    expect([driver.read(reg.RCTL), driver.read(reg.IMS), driver.read(reg.CTRL) & (1 << 26)]).toEqual([0, 0, 0]);
    driver.write(reg.MDIC, (4 << 16) | (1 << 21) | (2 << 26));
    expect(driver.read(reg.MDIC) & 0xffff).toBe(0x01e1);
  });
});

describe('interrupts', () => {
  test('a cause interrupts while it is not masked; reading takes it back', () => {
    driver.write(reg.ICS, ICR_TXDW | ICR_LSC);
    expect(driver.bus.interrupted).toBe(false);
    driver.write(reg.IMS, ICR_LSC);
    expect(driver.bus.interrupted).toBe(true);
    driver.write(reg.IMC, ICR_LSC);
    expect(driver.bus.interrupted).toBe(false);
    driver.write(reg.IMS, ICR_LSC);
    expect(driver.read(reg.ICR)).toBe(ICR_TXDW | ICR_LSC);
    expect(driver.bus.interrupted).toBe(false);
    expect(driver.read(reg.ICR)).toBe(0);
  });

  test('writing ones to ICR takes single causes back', () => {
    driver.write(reg.ICS, ICR_TXDW | ICR_RXT0);
    driver.write(reg.ICR, ICR_TXDW);
    expect(driver.read(reg.ICR)).toBe(ICR_RXT0);
  });

  test('ITR keeps interrupts apart', () => {
    driver.write(reg.ITR, 1000); // 256 us
    driver.write(reg.IMS, ICR_TXDW);
    driver.write(reg.ICS, ICR_TXDW);
    expect(driver.bus.interrupted).toBe(true);
    driver.read(reg.ICR);
    clock.runFor(100_000);
    driver.write(reg.ICS, ICR_TXDW);
    expect(driver.bus.interrupted).toBe(false);
    clock.runUntil(255_999);
    expect(driver.bus.interrupted).toBe(false);
    clock.runUntil(256_000);
    expect(driver.bus.interrupted).toBe(true);
    expect(driver.read(reg.ITR)).toBe(1000);
  });

  test('a message goes out in place of the line', () => {
    driver.chip.configWrite(0xf0 + 4, 4, 0xfee0_0000);
    driver.chip.configWrite(0xf0 + 12, 2, 0x41);
    driver.chip.configWrite(0xf0 + 2, 2, 1);
    driver.write(reg.IMS, ICR_TXDW);
    driver.write(reg.ICS, ICR_TXDW);
    expect(driver.bus.interrupted).toBe(false);
    expect(driver.bus.messages).toEqual([[0xfee0_0000 | 0, 0x41]]);
  });

  test('unplugging lets the line go and the cable out', () => {
    driver.write(reg.IMS, ICR_TXDW);
    driver.write(reg.ICS, ICR_TXDW);
    driver.unplug();
    expect(driver.bus.interrupted).toBe(false);
    expect(port.receiver).toBeNull();
  });
});
