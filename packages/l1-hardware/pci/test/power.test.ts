import { EBUSY } from '@stack/plugin';
import {
  PCI_BASE_ADDRESS_0,
  PCI_D0,
  PCI_D3HOT,
  pciDoRecovery,
  pciEnableDevice,
  pciFindCapability,
  pciRestoreState,
  pciResume,
  pciSaveState,
  pciSetPowerState,
  pciSuspend,
  type PciErrorHandlers,
} from '@stack/pci';
import { describe, expect, test } from 'vitest';
import { machineBus, noting } from './machine-bus.ts';
import { SampleChip } from './sample-chip.ts';

describe('sleep', () => {
  test('drivers put their devices to sleep and wake them', () => {
    const { bus } = machineBus();
    const states: number[] = [];
    bus.register(
      noting([], {
        suspend(pdev) {
          pciSetPowerState(pdev, PCI_D3HOT);
          return 0;
        },
        resume(pdev) {
          pciSetPowerState(pdev, PCI_D0);
          return 0;
        },
      }),
    );
    const pdev = bus.plug(new SampleChip());
    const note = () => states.push(pdev.readConfig(pciFindCapability(pdev, 1) + 4, 2) & 3);
    expect(pciSuspend(bus)).toBe(0);
    note();
    expect(pciResume(bus)).toBe(0);
    note();
    expect(states).toEqual([3, 0]);
  });

  test('one that refuses wakes those that sleep already', () => {
    const { bus } = machineBus();
    const log: string[] = [];
    const note = (what: string, result: number) => () => {
      log.push(what);
      return result;
    };
    bus.register(noting([], { suspend: note('a sleeps', 0), resume: note('a wakes', 0) }));
    const refusing = { name: 'b', idTable: [{ vendor: 0x1234, device: 2 }], suspend: note('b refuses', -EBUSY) };
    bus.register(noting([], refusing));
    bus.plug(new SampleChip());
    bus.plug(new SampleChip({ device: 2 }));
    expect(pciSuspend(bus)).toBe(-EBUSY);
    expect(log).toEqual(['a sleeps', 'b refuses', 'a wakes']);
  });

  test('the machine is switched off', () => {
    const { bus } = machineBus();
    const log: string[] = [];
    bus.register(noting([], { shutdown: (pdev) => log.push(pdev.name) }));
    bus.plug(new SampleChip());
    bus.shutdown();
    expect(log).toEqual(['0000:00:00.0']);
  });
});

describe('errors', () => {
  const setUp = (changes: Partial<PciErrorHandlers> = {}) => {
    const { bus } = machineBus();
    const log: string[] = [];
    const errHandler: PciErrorHandlers = {
      errorDetected(pdev, state) {
        log.push(`detected ${state}, id ${pdev.readConfig(0, 2).toString(16)}`);
        return 'need-reset';
      },
      slotReset(pdev) {
        pciRestoreState(pdev);
        pciEnableDevice(pdev);
        log.push('slot reset');
        return 'recovered';
      },
      resume: () => log.push('resume'),
      ...changes,
    };
    bus.register(noting([], { errHandler }));
    const chip = new SampleChip();
    const pdev = bus.plug(chip);
    pciSaveState(pdev);
    return { pdev, chip, log };
  };

  test('a frozen device is cut off, reset, restored and resumed', () => {
    const { pdev, chip, log } = setUp();
    const bar = pdev.readConfig(PCI_BASE_ADDRESS_0, 4);
    expect(pciDoRecovery(pdev, 'frozen')).toBe(true);
    expect(log).toEqual(['detected frozen, id ffff', 'slot reset', 'resume']);
    expect(chip.resets).toBe(1);
    expect(pdev.readConfig(PCI_BASE_ADDRESS_0, 4)).toBe(bar);
  });

  test('a driver that can go on is not reset', () => {
    const { pdev, chip, log } = setUp({ errorDetected: () => 'recovered' });
    expect(pciDoRecovery(pdev, 'normal')).toBe(true);
    expect([chip.resets, log]).toEqual([0, ['resume']]);
  });

  test('a permanent failure ends it', () => {
    const { pdev, log } = setUp();
    expect(pciDoRecovery(pdev, 'permanent-failure')).toBe(false);
    expect(log).toEqual(['detected permanent-failure, id ffff']);
  });

  test('without handlers, or when the reset does not help, it stays out of service', () => {
    const { bus } = machineBus();
    expect(pciDoRecovery(bus.plug(new SampleChip()), 'frozen')).toBe(false);
    const { pdev, log } = setUp({ slotReset: () => 'disconnect' });
    expect(pciDoRecovery(pdev, 'frozen')).toBe(false);
    expect(log).not.toContain('resume');
  });
});
