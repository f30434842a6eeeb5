import { ENODEV } from '@stack/plugin';
import {
  busRead,
  busWrite,
  Pci,
  PciDrivers,
  pciBus,
  pciDisableDevice,
  pciEnableDevice,
  pciIoremapBar,
  PCI_ANY_ID,
  PCI_COMMAND,
  pciSetMaster,
} from '@stack/pci';
import { machine, testHost } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { machineBus, noting } from './machine-bus.ts';
import { SampleChip, VENDOR } from './sample-chip.ts';

describe('matching', () => {
  test('a driver gets the devices that are there, and those that come', () => {
    const { bus } = machineBus();
    const log: string[] = [];
    bus.plug(new SampleChip());
    bus.register(noting(log));
    bus.plug(new SampleChip(), { slot: 9 });
    bus.plug(new SampleChip({ device: 0x9999 }));
    expect(log).toEqual(['noting probe 0000:00:00.0 7', 'noting probe 0000:00:09.0 7']);
  });

  test('subsystem ids decide, and any id fits all', () => {
    const { bus } = machineBus();
    const log: string[] = [];
    bus.register(
      noting(log, {
        idTable: [
          { vendor: VENDOR, device: PCI_ANY_ID, subvendor: 0x1af4, subdevice: 2, driverData: 2 },
          { vendor: PCI_ANY_ID, device: 0x9999, driverData: 1 },
        ],
      }),
    );
    bus.plug(new SampleChip({ subsystemDevice: 1 }));
    bus.plug(new SampleChip({ subsystemDevice: 2 }));
    bus.plug(new SampleChip({ device: 0x9999 }));
    expect(log).toEqual(['noting probe 0000:00:01.0 2', 'noting probe 0000:00:02.0 1']);
  });

  test('a driver that refuses leaves the device to the next one', () => {
    const { bus } = machineBus();
    const log: string[] = [];
    bus.register(noting(log, { name: 'picky', probe: () => -ENODEV }));
    bus.register(noting(log));
    const pdev = bus.plug(new SampleChip());
    expect(pdev.driver?.name).toBe('noting');
  });

  test('what is registered twice is refused', () => {
    const { bus } = machineBus();
    bus.register(noting([]));
    expect(() => bus.register(noting([]))).toThrow(expect.objectContaining({ code: 'ERR_STACK_PCI_DRIVER_TAKEN' }));
    bus.plug(new SampleChip(), { slot: 3 });
    expect(() => bus.plug(new SampleChip(), { slot: 3 })).toThrow(
      expect.objectContaining({ code: 'ERR_STACK_PCI_SLOT' }),
    );
    expect(() => bus.plug(new SampleChip(), { slot: 32 })).toThrow(
      expect.objectContaining({ code: 'ERR_STACK_PCI_SLOT' }),
    );
  });

  test('taking a driver away removes its devices, which another may then have', () => {
    const { bus } = machineBus();
    const log: string[] = [];
    const undo = bus.register(noting(log));
    const pdev = bus.plug(new SampleChip());
    undo();
    undo();
    expect(log.at(-1)).toBe('noting remove 0000:00:00.0');
    expect(pdev.driver).toBeNull();
    bus.register(noting(log, { name: 'other' }));
    expect(pdev.driver?.name).toBe('other');
  });
});

describe('windows', () => {
  test('each BAR gets an address of its own, at a multiple of its size', () => {
    const { bus } = machineBus();
    const [a, b] = [bus.plug(new SampleChip()), bus.plug(new SampleChip())];
    const all = [...a.resources, ...b.resources].filter((resource) => resource !== null);
    expect(all.map(({ space }) => space)).toEqual(['memory', 'io', 'memory', 'memory', 'io', 'memory']);
    for (const { start, size } of all) expect(start % size).toBe(0);
    expect(new Set(all.map(({ start }) => start)).size).toBe(all.length);
    bus.unplug(a);
    expect(bus.plug(new SampleChip()).resources).toEqual(a.resources);
  });

  test('registers are reached through the BAR, and at its address', () => {
    const { bus } = machineBus();
    const chip = new SampleChip();
    const pdev = bus.plug(chip);
    pciEnableDevice(pdev);
    pciIoremapBar(pdev, 0)!.write32(0x10, 77);
    const [memory, , io] = pdev.resources;
    expect(busRead(bus.devices, 'memory', memory!.start + 0x10, 4)).toBe(77);
    busWrite(bus.devices, 'io', io!.start + 4, 4, 88);
    expect(pciIoremapBar(pdev, 2)!.read32(4)).toBe(88);
    expect(pciIoremapBar(pdev, 1)).toBeNull();
  });

  test('nobody answers for a device whose decoding is off, nor for an address that is nobody’s', () => {
    const { bus } = machineBus();
    const pdev = bus.plug(new SampleChip());
    const { start } = pdev.resources[0]!;
    expect(busRead(bus.devices, 'memory', start, 4)).toBe(-1);
    pciEnableDevice(pdev);
    expect(busRead(bus.devices, 'memory', start, 4)).toBe(0);
    expect(busRead(bus.devices, 'memory', 0x1000, 2)).toBe(0xffff);
    expect(() => busWrite(bus.devices, 'memory', 0x1000, 4, 1)).not.toThrow();
  });

  test('the command register allows DMA only while the driver wants it', () => {
    const { bus } = machineBus();
    const pdev = bus.plug(new SampleChip());
    pciSetMaster(pdev);
    expect(pdev.readConfig(PCI_COMMAND, 2) & 4).toBe(4);
    pciDisableDevice(pdev);
    expect(pdev.readConfig(PCI_COMMAND, 2) & 4).toBe(0);
  });
});

describe('hot plug', () => {
  test('the driver of a device that is pulled out finds it gone', () => {
    const { bus } = machineBus();
    let seen = 0;
    bus.register(
      noting([], {
        remove(pdev) {
          seen = pciIoremapBar(pdev, 0)!.read32(0);
        },
      }),
    );
    const chip = new SampleChip();
    const pdev = bus.plug(chip);
    bus.unplug(pdev);
    expect(seen).toBe(-1);
    expect(pdev.readConfig(0, 2)).toBe(0xffff);
    expect(chip.bus).toBeNull();
    expect(bus.devices).toEqual([]);
  });

  test('closing the host removes devices, whichever plugin came first', () => {
    const parts = machine();
    const log: string[] = [];
    const driver = noting(log);
    const host = testHost(parts, 'alice', [
      { name: 'driver', attach: (services) => services.get(PciDrivers).register(driver) },
      pciBus(),
    ]);
    const chip = new SampleChip();
    host.get(Pci).plug(chip);
    host.close();
    expect(log).toEqual(['noting probe 0000:00:00.0 7', 'noting remove 0000:00:00.0']);
    expect(chip.bus).toBeNull();
  });
});
