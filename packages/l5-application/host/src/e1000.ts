import type { CablePort } from '@stack/cable';
import { Clock, Random } from '@stack/clock';
import type { E1000Choice, E1000Parameters } from '@stack/e1000';
import { parseEthAddress, randomEthAddress, type NetDevice } from '@stack/netdev';
import { eepromImage, Nic82540em, type Nic82540emOptions } from '@stack/nic-82540em';
import { Pci } from '@stack/pci';
import { StackError } from '@stack/plugin';
import type { Device, DeviceSettings, DeviceSlot } from './device.ts';

export interface E1000Options extends DeviceSettings, Omit<E1000Parameters, 'name'> {
  /** The cable end that goes in. */
  port: CablePort;
  /** `'02:00:00:00:00:01'`; random unless given. */
  mac?: string;
}

/** A card as it is sold: the chip, and what its driver is to be told. */
class Card extends Nic82540em {
  readonly parameters: E1000Parameters;

  constructor(options: Nic82540emOptions, parameters: E1000Parameters) {
    super(options);
    this.parameters = parameters;
  }
}

/** What the driver of `inet()` is told of each card it finds. */
export const cardParameters: E1000Choice = (pdev) => (pdev.function instanceof Card ? pdev.function.parameters : {});

/**
 * An Intel 82540EM in a slot of the host's PCI bus, for whatever driver the host has for it.
 *
 * ```ts
 * devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) }
 * ```
 */
export function e1000(options: E1000Options): Device {
  const { port, mac, address, gateway, mtu, qdisc, ...parameters } = options;
  const plugIn = ({ name, services }: DeviceSlot): NetDevice => {
    const bytes = mac === undefined ? randomEthAddress(services.get(Random)) : parseEthAddress(mac);
    const chip = { clock: services.get(Clock), port, eeprom: eepromImage(bytes), name };
    const pdev = services.get(Pci).plug(new Card(chip, { ...parameters, name }));
    if (pdev.driver !== null) return pdev.driverData as NetDevice;
    throw new StackError(
      'ERR_STACK_NO_DRIVER',
      `no driver of the host serves the 82540EM in ${name}`,
      'add e1000Driver()',
    );
  };
  return { plugIn, address, gateway, mtu, qdisc };
}
