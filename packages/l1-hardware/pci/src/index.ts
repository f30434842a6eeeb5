/**
 * A PCI bus: chips below it, drivers above it, and neither knows the other.
 *
 * ```ts
 * const bus = new PciBus(cpus, arena);
 * bus.register({
 *   name: 'hello',
 *   idTable: [{ vendor: 0x8086, device: 0x100e }],
 *   probe(pdev) {
 *     pciEnableDevice(pdev);
 *     const registers = pciIoremapBar(pdev, 0)!;
 *     console.log(pdev.name, 'status', registers.read32(8));
 *     return 0;
 *   },
 *   remove() {},
 * });
 * bus.plug(chip); // 0000:00:00.0 status 3
 * ```
 *
 * @packageDocumentation
 */
export { Pci, PciBus, type PlugOptions } from './bus.ts';
export { msiCapability, msixCapability, pmCapability, type Capability } from './capabilities.ts';
export * from './config-registers.ts';
export { ConfigSpace, type BarSpec, type ConfigHeader } from './config-space.ts';
export * from './device.ts';
export * from './dma.ts';
export { BounceDma } from './dma-bounce.ts';
export { CheckingDma } from './dma-checking.ts';
export { DirectDma } from './dma-direct.ts';
export { dmaMemory, type DmaMemory } from './dma-memory.ts';
export * from './driver.ts';
export type { AccessSize, BusPort, PciFunction } from './function.ts';
export { InterruptPin } from './interrupt-pin.ts';
export { busRead, busWrite, IoMemory, pciIoremapBar } from './io-memory.ts';
export * from './irq-vectors.ts';
export { MsixTable } from './msix-table.ts';
export { PciDev, type PciResource } from './pci-dev.ts';
export { pciBus } from './plugin.ts';
export { pciResume, pciSuspend } from './power.ts';
export { pciDoRecovery } from './recovery.ts';
