import { StackError, token, type Undo } from '@stack/plugin';
import type { Arena } from '@stack/memory';
import type { Cpus } from '@stack/softirq';
import { SlotPort } from './bus-port.ts';
import { PCI_INTERRUPT_LINE } from './config-registers.ts';
import { DirectDma } from './dma-direct.ts';
import type { DmaOps } from './dma.ts';
import { pciMatchId, type PciDriver, type PciDrivers } from './driver.ts';
import { ResourceWindows } from './enumerate.ts';
import type { PciFunction } from './function.ts';
import { InterruptRouter } from './interrupt-router.ts';
import { PciDev } from './pci-dev.ts';

const SLOTS = 32;

export interface PlugOptions {
  /** 0 to 31; the first free one unless given. */
  slot?: number;
  /** How the device reaches memory; the arena directly unless given. */
  dma?: DmaOps;
}

/** The PCI bus of a host: devices in slots, drivers, and who serves whom. */
export class PciBus implements PciDrivers {
  readonly router: InterruptRouter;
  readonly #arena: Arena;
  readonly #direct: DmaOps;
  readonly #windows = new ResourceWindows();
  readonly #drivers: PciDriver[] = [];
  readonly #devices = new Array<PciDev | null>(SLOTS).fill(null);
  readonly #takeOut = new Map<PciDev, Undo>();

  constructor(cpus: Cpus, arena: Arena) {
    this.router = new InterruptRouter(cpus);
    this.#arena = arena;
    this.#direct = new DirectDma(arena);
  }

  /** By slot. */
  get devices(): PciDev[] {
    return this.#devices.filter((pdev) => pdev !== null);
  }

  get drivers(): readonly PciDriver[] {
    return this.#drivers;
  }

  /**
   * Puts a chip into a slot, gives it addresses and an interrupt line, and offers it to the drivers, now and when one
   * is registered later. Throws `ERR_STACK_PCI_SLOT` for a slot that is taken or does not exist.
   */
  plug(fn: PciFunction, options: PlugOptions = {}): PciDev {
    const slot = this.#freeSlot(options.slot);
    const dma = options.dma ?? this.#direct;
    const shared = this.router.lineOf(fn, slot);
    const port = new SlotPort(shared, this.router, dma, this.#arena);
    const takeOut = fn.plugIn(port);
    const irq = shared === null ? null : shared.line;
    const pdev = new PciDev(this, slot, fn, this.#windows.assign(fn), irq, dma);
    if (irq !== null) pdev.writeConfig(PCI_INTERRUPT_LINE, 1, irq.irq);
    this.#devices[slot] = pdev;
    this.#takeOut.set(pdev, () => {
      takeOut();
      port.lowerInterrupt();
    });
    for (const driver of this.#drivers) if (this.#probe(driver, pdev)) break;
    return pdev;
  }

  /** Pulls a chip out while the machine runs: the driver finds it gone when it is told. */
  unplug(pdev: PciDev): void {
    if (this.#devices[pdev.slot] !== pdev) return;
    pdev.present = false;
    this.#detach(pdev);
    this.#devices[pdev.slot] = null;
    this.#windows.free(pdev.resources);
    this.#takeOut.get(pdev)?.();
    this.#takeOut.delete(pdev);
  }

  register(driver: PciDriver): Undo {
    if (this.#drivers.some(({ name }) => name === driver.name)) {
      throw new StackError(
        'ERR_STACK_PCI_DRIVER_TAKEN',
        `a driver named ${driver.name} is registered already`,
        'leave one of the two out',
      );
    }
    this.#drivers.push(driver);
    for (const pdev of this.devices) this.#probe(driver, pdev);
    return () => this.#unregister(driver);
  }

  /** Drivers stop their devices, for good. @kernel drivers/pci/pci-driver.c pci_device_shutdown() */
  shutdown(): void {
    for (const pdev of this.devices) pdev.driver?.shutdown?.(pdev);
  }

  /** Takes all drivers and then all devices away. */
  close(): void {
    for (const driver of this.#drivers.toReversed()) this.#unregister(driver);
    for (const pdev of this.devices) this.unplug(pdev);
  }

  /** @kernel drivers/pci/pci-driver.c pci_device_probe() */
  #probe(driver: PciDriver, pdev: PciDev): boolean {
    const id = pdev.driver === null ? pciMatchId(driver, pdev) : null;
    if (id === null) return false;
    pdev.driver = driver;
    if (driver.probe(pdev, id) === 0) return true;
    pdev.driver = null;
    return false;
  }

  #unregister(driver: PciDriver): void {
    const index = this.#drivers.indexOf(driver);
    if (index < 0) return;
    this.#drivers.splice(index, 1);
    for (const pdev of this.devices) if (pdev.driver === driver) this.#detach(pdev);
  }

  /** @kernel drivers/pci/pci-driver.c pci_device_remove() */
  #detach(pdev: PciDev): void {
    pdev.driver?.remove(pdev);
    pdev.driver = null;
    pdev.driverData = null;
  }

  #freeSlot(wanted: number | undefined): number {
    const slot = wanted ?? this.#devices.indexOf(null);
    if (this.#devices[slot] === null) return slot;
    throw new StackError(
      'ERR_STACK_PCI_SLOT',
      `slot ${slot} is taken or does not exist`,
      `give a free one below ${SLOTS}`,
    );
  }
}

/** The bus of the host. */
export const Pci = token<PciBus>('Pci', 'add pciBus() to the host');
