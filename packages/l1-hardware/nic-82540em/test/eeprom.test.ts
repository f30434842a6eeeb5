import { eepromImage } from '@stack/nic-82540em';
import { dmaMemory } from '@stack/pci';
import { machine } from '@stack/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import * as reg from '../src/registers.ts';
import { MAC, StubPort, TinyDriver } from './nic-driver.ts';

const SK = 1;
const CS = 2;
const DI = 4;
const DO = 8;

let driver: TinyDriver;
beforeEach(() => {
  driver = new TinyDriver(machine().clock, new StubPort(), dmaMemory(new Uint8Array(1 << 17)));
});

/** Clocks bits into the Microwire part, and returns what it puts out meanwhile. */
function shift(bits: number, count: number): number {
  let out = 0;
  for (let i = count - 1; i >= 0; i--) {
    const data = CS | ((bits >>> i) & 1 ? DI : 0);
    driver.write(reg.EECD, data);
    driver.write(reg.EECD, data | SK);
    out = (out << 1) | ((driver.read(reg.EECD) & DO) !== 0 ? 1 : 0);
    driver.write(reg.EECD, data);
  }
  return out;
}

function command(bits: number): void {
  driver.write(reg.EECD, 0);
  shift(bits, 9);
}

const READ = 0b110_000000;
const WRITE = 0b101_000000;
const ERASE = 0b111_000000;
const ENABLE = 0b100_110000;
const DISABLE = 0b100_000000;

describe('EERD', () => {
  const word = (address: number): number => {
    driver.write(reg.EERD, (address << 8) | 1);
    const value = driver.read(reg.EERD);
    expect(value & 0x10).toBe(0x10);
    return value >>> 16;
  };

  test('the address of the card', () => {
    expect([word(0), word(1), word(2)]).toEqual([0x1002, 0x3020, 0x5040]);
  });

  test('all words add up to 0xBABA', () => {
    let sum = 0;
    for (let i = 0; i < 64; i++) sum += word(i);
    expect(sum & 0xffff).toBe(0xbaba);
  });

  test('an image is right for any address', () => {
    for (let i = 0; i < 256; i++) {
      const sum = eepromImage(Uint8Array.of(i, 255, i, 7, 0, i)).reduce((a, b) => a + b, 0);
      expect(sum & 0xffff).toBe(0xbaba);
    }
  });
});

describe('EECD', () => {
  test('access is granted when asked for', () => {
    expect(driver.read(reg.EECD) & 0xc0).toBe(0);
    driver.write(reg.EECD, 0x40);
    expect(driver.read(reg.EECD) & 0xc0).toBe(0xc0);
    expect(driver.read(reg.EECD) & 0x100).toBe(0x100);
  });

  test('a word is read bit by bit, and the next ones follow', () => {
    command(READ | 1);
    expect(driver.read(reg.EECD) & DO).toBe(0); // the zero in front
    expect(shift(0, 16)).toBe(0x3020);
    expect(shift(0, 16)).toBe(0x5040);
  });

  test('a word can be written only while writing is enabled', () => {
    const read = (): number => {
      command(READ | 8);
      return shift(0, 16);
    };
    command(WRITE | 8);
    shift(0x1234, 16);
    expect(read()).toBe(0xffff);
    command(ENABLE);
    command(WRITE | 8);
    shift(0x1234, 16);
    expect(driver.read(reg.EECD) & DO).toBe(DO); // ready
    expect(read()).toBe(0x1234);
    command(DISABLE);
    command(ERASE | 8);
    expect(read()).toBe(0x1234);
    command(ENABLE);
    command(ERASE | 8);
    expect(read()).toBe(0xffff);
  });

  test('a new address takes effect at the next reset', () => {
    command(ENABLE);
    command(WRITE);
    shift(0xbb02, 16);
    expect(driver.read(reg.RA) & 0xffff).toBe(0x1002);
    driver.write(reg.CTRL, 1 << 26);
    expect(driver.read(reg.RA) & 0xffff).toBe(0xbb02);
    expect(MAC[1]).toBe(0x10);
  });
});
