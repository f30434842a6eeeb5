import { devClose, devGetByName, devOpen, devSetMacAddress, formatEthAddress, type NetDevice } from '@stack/netdev';
import { Pci } from '@stack/pci';
import { EADDRNOTAVAIL, ENOMEM } from '@stack/plugin';
import { describe, expect, it } from 'vitest';
import { IMC, RDBAL, RDLEN, TDBAL, TDLEN } from '../src/registers.ts';
import { FakeChip } from './fake-chip.ts';
import { openRig, rig } from './rig.ts';

const reg = ({ chip }: { chip: FakeChip }, register: number): number => chip.regs[register >>> 2];

describe('probe', () => {
  it('makes a device of the chip, closed, with the address of the EEPROM', () => {
    const made = rig();
    expect(made.dev.name).toBe('eth0');
    expect(formatEthAddress(made.dev.devAddr)).toBe('02:00:00:00:00:01');
    expect(made.dev.carrier).toBe(false);
    expect(made.chip.command & 6).toBe(6);
    expect(made.chip.written(IMC)).toContain(~0);
    expect(made.chip.mask).toBe(0);
    expect(made.dma.live).toBe(0);
  });

  it('names devices in the order of their chips, or as it is told', () => {
    const made = rig(({ slot }) => (slot === 2 ? { name: 'wan0' } : {}));
    const bus = made.host.get(Pci);
    bus.plug(new FakeChip([2, 0, 0, 0, 0, 2]));
    const third = bus.plug(new FakeChip([2, 0, 0, 0, 0, 3]));
    expect(devGetByName(made.core, 'eth1')).not.toBeNull();
    expect((third.driverData as NetDevice).name).toBe('wan0');
  });

  it('throws for a name that exists, and the host closes as if nothing had been', () => {
    const made = rig({ name: 'eth0' });
    expect(() => made.host.get(Pci).plug(new FakeChip())).toThrow(
      expect.objectContaining({ code: 'ERR_STACK_DEVICE_TAKEN' }) as Error,
    );
    expect(made.core.devices.size).toBe(1);
  });

  it('refuses a chip without a transceiver', () => {
    const chip = new FakeChip();
    chip.deaf = true;
    const { pdev, core } = rig({}, { chip });
    expect(pdev.driver).toBeNull();
    expect(core.devices.size).toBe(0);
  });

  it('does not believe an EEPROM with a wrong checksum: the device needs an address before it opens', () => {
    const chip = new FakeChip();
    chip.eeprom[1] ^= 1;
    const { dev } = rig({}, { chip });
    expect(devOpen(dev)).toBe(-EADDRNOTAVAIL);
    expect(devSetMacAddress(dev, Uint8Array.of(2, 0, 0, 0, 0, 9))).toBe(0);
    expect(devOpen(dev)).toBe(0);
  });
});

describe('open and close', () => {
  it('give rings of whole pages to the chip, and take them back', () => {
    const made = openRig({ txDescriptors: 300, rxDescriptors: 80 });
    expect([reg(made, TDLEN), reg(made, RDLEN)]).toEqual([304 * 16, 80 * 16]);
    expect(reg(made, TDBAL) % 4096).toBe(0);
    expect(reg(made, RDBAL) % 4096).toBe(0);
    expect(made.chip.room).toBe(79);
    expect(made.dma.live).toBe(2 + 79);
    devClose(made.dev);
    expect(made.dma.live).toBe(0);
    expect(made.lab.arena.live).toBe(0);
    expect(made.pdev.irq!.count).toBeGreaterThan(0);
  });

  it('again and again leave nothing behind', () => {
    const made = rig();
    for (let round = 0; round < 5; round++) {
      expect(devOpen(made.dev)).toBe(0);
      made.lab.clock.drain();
      expect(made.dev.carrier).toBe(true);
      devClose(made.dev);
      made.lab.clock.drain();
      expect(made.lab.arena.live).toBe(0);
    }
  });

  it('fail without memory for a ring, and leave nothing', () => {
    const { dev, lab } = rig({ txDescriptors: 4096, rxDescriptors: 4096 }, { size: 2 * 65_536 });
    expect(devOpen(dev)).toBe(-ENOMEM);
    expect(lab.arena.live).toBe(0);
  });

  it('close a device whose chip is pulled out', () => {
    const made = openRig();
    made.host.get(Pci).unplug(made.pdev);
    expect(made.core.devices.size).toBe(0);
    expect(made.dma.live).toBe(0);
    expect(made.lab.arena.live).toBe(0);
  });
});

describe('parameters', () => {
  it.each([
    [{ txDescriptors: 79 }, '80 to 4096'],
    [{ rxDescriptors: 4097 }, '80 to 4096'],
    [{ interruptThrottleRate: 99 }, '100 to 100000, or 0, 1 or 3'],
    [{ rxIntDelay: -1 }, '0 to 65535'],
    [{ copybreak: 0.5 }, '0 to 1522'],
    [{ flowControl: 'both' as never }, `'none', 'rx', 'tx' or 'full'`],
  ])('%j are refused with what is allowed', (parameters, allowed) => {
    expect(() => rig(parameters)).toThrow(expect.objectContaining({ code: 'ERR_STACK_E1000_PARAMETER' }) as Error);
    expect(() => rig(parameters)).toThrow(allowed);
  });
});
