import type { Services } from '@stack/plugin';
import type { NetDevice, QdiscKind } from '@stack/netdev';

/** What a host gives a device that is being put in. */
export interface DeviceSlot {
  /** What the device is to be called: `eth0`. */
  readonly name: string;
  readonly services: Services;
}

/** A queue discipline for a device: a kind by name, or one of your own, with options or without. */
export type QdiscChoice = string | QdiscKind | { kind: string | QdiscKind; options: object };

/** What every device of a host may be given. */
export interface DeviceSettings {
  /** `'10.0.0.1/24'`, or several. */
  address?: string | readonly string[];
  /** Next hop of the default route. */
  gateway?: string;
  mtu?: number;
  /** Instead of pfifo_fast. */
  qdisc?: QdiscChoice;
}

/** A device as it is listed in a host: settings, and how to put it in. Write one of your own for your own driver. */
export interface Device extends DeviceSettings {
  /** Makes the device and registers it. The host then sets it up and opens it. */
  plugIn(slot: DeviceSlot): NetDevice;
}
