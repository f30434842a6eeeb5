import {
  PCI_CAP_ID_MSI,
  PCI_COMMAND_INTX_DISABLE,
  PCI_MSI_ADDRESS_LO,
  PCI_MSI_DATA_64,
  PCI_MSI_FLAGS,
  PCI_MSI_FLAGS_ENABLE,
} from './config-registers.ts';
import type { ConfigSpace } from './config-space.ts';
import type { BusPort } from './function.ts';

/** The interrupt output of a chip with one cause: a line, or a message if the driver has enabled that. */
export class InterruptPin {
  readonly #config: ConfigSpace;
  #bus: BusPort | null = null;
  #wanted = false;
  #pulled = false;
  /** What configuration space says: messages rather than the line, and whether the line may be pulled. */
  #messages = false;
  #mayPull = true;

  constructor(config: ConfigSpace) {
    this.#config = config;
  }

  /** The bus to interrupt, or null to be silent. */
  connect(bus: BusPort | null): void {
    this.lower();
    this.#bus = bus;
    this.configure();
  }

  /** The chip wants to interrupt, until {@link lower}. A message goes out each time it begins to want. */
  raise(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#update();
    if (this.#messages) this.#send();
  }

  lower(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#update();
  }

  /** To be called when configuration space was written. */
  configure(): void {
    const at = this.#config.capability(PCI_CAP_ID_MSI);
    this.#messages = at !== 0 && (this.#config.read(at + PCI_MSI_FLAGS, 2) & PCI_MSI_FLAGS_ENABLE) !== 0;
    this.#mayPull = !this.#messages && (this.#config.command & PCI_COMMAND_INTX_DISABLE) === 0;
    this.#update();
  }

  /** Makes the line what it should be. */
  #update(): void {
    this.#config.interruptStatus = this.#wanted;
    const pull = this.#wanted && this.#mayPull;
    if (pull === this.#pulled) return;
    this.#pulled = pull;
    if (pull) this.#bus?.raiseInterrupt();
    else this.#bus?.lowerInterrupt();
  }

  #send(): void {
    const at = this.#config.capability(PCI_CAP_ID_MSI);
    const data = this.#config.read(at + PCI_MSI_DATA_64, 2);
    this.#bus?.message(this.#config.read(at + PCI_MSI_ADDRESS_LO, 4), data);
  }
}
