import {
  ConfigSpace,
  InterruptPin,
  msiCapability,
  msixCapability,
  MsixTable,
  pmCapability,
  type AccessSize,
  type BusPort,
  type PciFunction,
} from '@stack/pci';

export const VENDOR = 0x1234;
export const DEVICE = 0x5678;
export const VECTORS = 3;
const MSIX_BAR = 4;
const PENDING = 0x800;

/** Two windows with a register in each, a line, MSI, and three MSI-X vectors. */
export class SampleChip implements PciFunction {
  readonly name: string;
  readonly config: ConfigSpace;
  readonly pin: InterruptPin;
  readonly msix: MsixTable;
  readonly registers = new Map<string, number>();
  bus: BusPort | null = null;
  resets = 0;

  constructor(options: { name?: string; device?: number; subsystemDevice?: number; pin?: number } = {}) {
    this.name = options.name ?? 'sample';
    this.config = new ConfigSpace({
      vendor: VENDOR,
      device: options.device ?? DEVICE,
      subsystemVendor: 0x1af4,
      subsystemDevice: options.subsystemDevice ?? 0x0001,
      revision: 3,
      classCode: 0x02_00_00,
      bars: [
        { space: 'memory', size: 0x1000 },
        null,
        { space: 'io', size: 32 },
        null,
        { space: 'memory', size: 0x1000 },
      ],
      interruptPin: options.pin ?? 1,
      minGrant: 0,
      maxLatency: 0,
      capabilities: [pmCapability(0x40), msiCapability(0x50), msixCapability(0x70, VECTORS, MSIX_BAR, 0, PENDING)],
    });
    this.pin = new InterruptPin(this.config);
    this.msix = new MsixTable(this.config, VECTORS);
  }

  plugIn(bus: BusPort): () => void {
    this.bus = bus;
    this.pin.connect(bus);
    this.msix.connect(bus);
    return () => {
      this.bus = null;
      this.pin.connect(null);
      this.msix.connect(null);
    };
  }

  reset(): void {
    this.resets++;
    this.config.reset();
  }

  configRead(offset: number, size: AccessSize): number {
    return this.config.read(offset, size);
  }

  configWrite(offset: number, size: AccessSize, value: number): void {
    this.config.write(offset, size, value);
    this.pin.configure();
    this.msix.update();
  }

  barRead(bar: number, offset: number): number {
    if (bar !== MSIX_BAR) return this.registers.get(`${bar}:${offset}`) ?? 0;
    return offset < PENDING ? this.msix.read(offset) : this.msix.readPending(offset - PENDING);
  }

  barWrite(bar: number, offset: number, _size: AccessSize, value: number): void {
    if (bar === MSIX_BAR) this.msix.write(offset, value);
    else this.registers.set(`${bar}:${offset}`, value);
  }
}
