/**
 * The driver of Intel's 82540EM, Linux's e1000. It meets its chip over the PCI bus: registers, descriptor rings and an
 * interrupt.
 *
 * ```ts
 * host.use([skbs(), softirqs({ name: 'alice' }), netdev(), pfifoFast(), pciBus(), e1000Driver({ rxDescriptors: 512 })]);
 * const pdev = host.get(Pci).plug(chip);
 * const eth0 = pdev.driverData as NetDevice;
 * devOpen(eth0);
 * ```
 *
 * @packageDocumentation
 */
export { e1000PciDriver, type E1000Choice } from './driver.ts';
export { e1000GetEthtoolStats, type E1000Counters } from './ethtool.ts';
export type { E1000Parameters, FlowControl } from './params.ts';
export { e1000Driver } from './plugin.ts';
