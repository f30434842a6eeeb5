import { ENOSPC } from '@stack/plugin';
import {
  PCI_CAP_ID_MSIX,
  PCI_COMMAND,
  PCI_COMMAND_INTX_DISABLE,
  PCI_IRQ_INTX,
  PCI_IRQ_MSI,
  PCI_IRQ_MSIX,
  PCI_STATUS,
  PCI_STATUS_INTERRUPT,
  pciAllocIrqVectors,
  pciFindCapability,
  pciFreeIrqVectors,
  pciIoremapBar,
  pciIrqVector,
  type PciDev,
} from '@stack/pci';
import { IRQ_HANDLED, IRQ_NONE } from '@stack/softirq';
import { describe, expect, test } from 'vitest';
import { machineBus } from './machine-bus.ts';
import { SampleChip, VECTORS } from './sample-chip.ts';

/** Notes interrupts of the chip's line and lets it go. */
function listen(pdev: PciDev, chip: SampleChip, log: string[]): void {
  pdev.irq!.request(() => {
    if ((pdev.readConfig(PCI_STATUS, 2) & PCI_STATUS_INTERRUPT) === 0) return IRQ_NONE;
    log.push(chip.name);
    chip.pin.lower();
    return IRQ_HANDLED;
  });
}

describe('the line', () => {
  test('asserting never calls the driver from inside', () => {
    const { bus, clock } = machineBus();
    const chip = new SampleChip();
    const log: string[] = [];
    listen(bus.plug(chip), chip, log);
    chip.pin.raise();
    expect(log).toEqual([]);
    clock.drain();
    expect(log).toEqual(['sample']);
  });

  test('two devices that share a line are both heard', () => {
    const { bus, clock } = machineBus();
    const [a, b] = [new SampleChip({ name: 'a' }), new SampleChip({ name: 'b' })];
    const log: string[] = [];
    const [first, second] = [bus.plug(a, { slot: 1 }), bus.plug(b, { slot: 5 })];
    expect(first.irq).toBe(second.irq);
    listen(first, a, log);
    listen(second, b, log);
    a.pin.raise();
    b.pin.raise();
    clock.drain();
    expect(log).toEqual(['a', 'b']);
    b.pin.raise();
    clock.drain();
    expect(log).toEqual(['a', 'b', 'b']);
  });

  test('neighbouring slots have different lines, and a device without a pin has none', () => {
    const { bus } = machineBus();
    const lines = [0, 1, 2, 3].map((slot) => bus.plug(new SampleChip(), { slot }).irq);
    expect(new Set(lines).size).toBe(4);
    expect(bus.plug(new SampleChip({ pin: 0 })).irq).toBeNull();
  });

  test('a device that is pulled out lets its line go', () => {
    const { bus, clock } = machineBus();
    const chip = new SampleChip();
    const pdev = bus.plug(chip);
    let calls = 0;
    pdev.irq!.request(() => {
      calls++;
      return IRQ_HANDLED;
    });
    chip.pin.raise();
    bus.unplug(pdev);
    clock.drain();
    expect(calls).toBe(0);
  });

  test('the command register can turn it off and on again', () => {
    const { bus, clock } = machineBus();
    const chip = new SampleChip();
    const pdev = bus.plug(chip);
    const log: string[] = [];
    listen(pdev, chip, log);
    pdev.writeConfig(PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
    chip.pin.raise();
    clock.drain();
    expect(log).toEqual([]);
    pdev.writeConfig(PCI_COMMAND, 2, 0);
    clock.drain();
    expect(log).toEqual(['sample']);
  });
});

describe('messages', () => {
  test('MSI: one message each time, and the line stays silent', () => {
    const { bus, clock } = machineBus();
    const chip = new SampleChip();
    const pdev = bus.plug(chip);
    const log: string[] = [];
    listen(pdev, chip, log);
    expect(pciAllocIrqVectors(pdev, 1, 1, PCI_IRQ_MSI | PCI_IRQ_INTX)).toBe(1);
    pciIrqVector(pdev, 0).request(() => {
      log.push('message');
      return IRQ_HANDLED;
    });
    chip.pin.raise();
    chip.pin.raise();
    clock.drain();
    expect(log).toEqual(['message']);
    chip.pin.lower();
    chip.pin.raise();
    clock.drain();
    expect(log).toEqual(['message', 'message']);
    pciFreeIrqVectors(pdev);
    clock.drain();
    chip.pin.lower();
    chip.pin.raise();
    clock.drain();
    expect(log.at(-1)).toBe('sample');
  });

  test('MSI-X: a line for each vector', () => {
    const { bus, clock } = machineBus();
    const chip = new SampleChip();
    const pdev = bus.plug(chip);
    expect(pciAllocIrqVectors(pdev, 2, 8, PCI_IRQ_MSIX)).toBe(VECTORS);
    const log: number[] = [];
    for (let vector = 0; vector < VECTORS; vector++) {
      pciIrqVector(pdev, vector).request(() => {
        log.push(vector);
        return IRQ_HANDLED;
      });
    }
    chip.msix.fire(2);
    chip.msix.fire(0);
    clock.drain();
    expect(log.sort()).toEqual([0, 2]);
  });

  test('MSI-X: a masked vector is pending, and fires once when unmasked', () => {
    const { bus, clock } = machineBus();
    const chip = new SampleChip();
    const pdev = bus.plug(chip);
    pciAllocIrqVectors(pdev, 1, 3, PCI_IRQ_MSIX);
    let calls = 0;
    pciIrqVector(pdev, 1).request(() => {
      calls++;
      return IRQ_HANDLED;
    });
    const table = pciIoremapBar(pdev, 4)!;
    table.write32(16 + 12, 1);
    chip.msix.fire(1);
    chip.msix.fire(1);
    clock.drain();
    expect([calls, table.read32(0x800)]).toEqual([0, 2]);
    table.write32(16 + 12, 0);
    clock.drain();
    expect([calls, table.read32(0x800)]).toEqual([1, 0]);
    const at = pciFindCapability(pdev, PCI_CAP_ID_MSIX);
    pdev.writeConfig(at + 2, 2, 0xc000); // enabled, all masked
    chip.msix.fire(1);
    clock.drain();
    expect(calls).toBe(1);
    pdev.writeConfig(at + 2, 2, 0x8000);
    clock.drain();
    expect(calls).toBe(2);
  });

  test('fewer vectors than asked for is an error', () => {
    const { bus } = machineBus();
    const pdev = bus.plug(new SampleChip());
    expect(pciAllocIrqVectors(pdev, 4, 8, PCI_IRQ_MSIX | PCI_IRQ_MSI | PCI_IRQ_INTX)).toBe(-ENOSPC);
  });
});
