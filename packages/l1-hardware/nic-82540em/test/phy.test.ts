import { dmaMemory } from '@stack/pci';
import { machine } from '@stack/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { ICR_LSC, ICR_MDAC, STATUS_LU } from '../src/bits.ts';
import * as reg from '../src/registers.ts';
import { StubPort, TinyDriver } from './nic-driver.ts';

let port: StubPort;
let driver: TinyDriver;
beforeEach(() => {
  port = new StubPort();
  driver = new TinyDriver(machine().clock, port, dmaMemory(new Uint8Array(1 << 17)));
  driver.read(reg.ICR);
});

function mdic(register: number, op: number, data = 0, phy = 1, interrupt = 0): number {
  driver.write(reg.MDIC, data | (register << 16) | (phy << 21) | (op << 26) | (interrupt << 29));
  return driver.read(reg.MDIC);
}
const read = (register: number): number => mdic(register, 2) & 0xffff;
const write = (register: number, data: number): number => mdic(register, 1, data);

describe('MDIC', () => {
  test('reads the identity of the transceiver', () => {
    expect((read(2) << 16) | read(3)).toBe(0x0141_0c20);
    expect(mdic(2, 2) & (1 << 28)).not.toBe(0);
  });

  test('nobody answers at another address', () => {
    expect(mdic(2, 2, 0, 2) & (1 << 30)).not.toBe(0);
    expect(mdic(2, 2) & (1 << 30)).toBe(0);
  });

  test('can interrupt when done', () => {
    mdic(2, 2);
    expect(driver.read(reg.ICR)).toBe(0);
    mdic(2, 2, 0, 1, 1);
    expect(driver.read(reg.ICR)).toBe(ICR_MDAC);
  });

  test('what is advertised sticks until the transceiver is reset; identity cannot be written', () => {
    write(4, 0x01e1);
    write(2, 0);
    expect([read(4), read(2)]).toEqual([0x01e1, 0x0141]);
    driver.write(reg.CTRL, driver.read(reg.CTRL) | (1 << 31));
    expect(read(4)).toBe(0x0de1);
  });
});

describe('the link', () => {
  test('is up at 1000 Mb/s, full duplex, with the partner’s abilities', () => {
    read(1);
    expect(read(1) & 0x0024).toBe(0x0024);
    expect(read(17) & 0xac00).toBe(0xac00);
    expect(read(5)).not.toBe(0);
    expect(driver.read(reg.STATUS) & (STATUS_LU | 1 | 0xc0)).toBe(STATUS_LU | 1 | 0x80);
  });

  test('a cable that is pulled and put back changes it, and is reported', () => {
    read(1);
    port.up = false;
    port.receiver!.linkChanged(false);
    expect(driver.read(reg.STATUS) & STATUS_LU).toBe(0);
    expect(driver.read(reg.ICR)).toBe(ICR_LSC);
    expect(read(5)).toBe(0);
    port.receiver!.linkChanged(true);
    expect(driver.read(reg.STATUS) & STATUS_LU).toBe(STATUS_LU);
    expect(driver.read(reg.ICR)).toBe(ICR_LSC);
  });

  test('the status register shows once that it was lost', () => {
    read(1);
    expect(read(1) & 4).toBe(4);
    port.receiver!.linkChanged(false);
    port.receiver!.linkChanged(true);
    expect(read(1) & 4).toBe(0);
    expect(read(1) & 4).toBe(4);
    port.receiver!.linkChanged(false);
    expect(read(1) & 4).toBe(0);
    port.receiver!.linkChanged(true);
    expect([read(1) & 4, read(1) & 4]).toEqual([0, 4]);
  });

  test('is down while the driver does not want it, or the transceiver sleeps', () => {
    driver.write(reg.CTRL, 0);
    expect(driver.read(reg.STATUS) & STATUS_LU).toBe(0);
    driver.write(reg.CTRL, 1 << 6);
    expect(driver.read(reg.STATUS) & STATUS_LU).toBe(STATUS_LU);
    write(0, 0x1940);
    expect(driver.read(reg.STATUS) & STATUS_LU).toBe(0);
    write(0, 0x8000);
    expect(driver.read(reg.STATUS) & STATUS_LU).toBe(STATUS_LU);
    expect(read(0)).toBe(0x1140);
  });
});
