/**
 * A model of the Intel 82540EM, register by register, as a PCI device. It knows nothing of drivers.
 *
 * ```ts
 * const eeprom = eepromImage(Uint8Array.of(0x02, 0, 0, 0, 0, 1));
 * const chip = new Nic82540em({ clock, port: cable.a, eeprom });
 * const pdev = bus.plug(chip);
 * const registers = pciIoremapBar(pdev, 0)!;
 * registers.read32(0x5400); // the first four bytes of the address
 * ```
 *
 * @packageDocumentation
 */
export { Nic82540em, type Nic82540emOptions } from './chip.ts';
export { eepromImage, sealEeprom } from './eeprom.ts';
