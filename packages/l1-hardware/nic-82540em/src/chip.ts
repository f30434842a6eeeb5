import type { CablePort, Frame, FrameReceiver } from '@stack/cable';
import type { Clock } from '@stack/clock';
import type { Undo } from '@stack/plugin';
import {
  ConfigSpace,
  InterruptPin,
  PCI_CAP_ID_PM,
  PCI_COMMAND_MASTER,
  PCI_PM_CTRL,
  PCI_PM_CTRL_STATE_MASK,
  type AccessSize,
  type BusPort,
  type PciFunction,
} from '@stack/pci';
import { CTRL_SLU, ICR_LSC, RCTL_LBM, STATUS_LU } from './bits.ts';
import { BAR_IO, BAR_MEMORY, HEADER } from './configuration.ts';
import { Core } from './core.ts';
import { Eeprom } from './eeprom.ts';
import { FlowControl } from './flow-control.ts';
import { Interrupts } from './interrupts.ts';
import { IoWindow } from './io-window.ts';
import { Phy } from './phy.ts';
import { Receiver } from './receive/receiver.ts';
import { RegisterFile } from './register-file.ts';
import { CTRL, RCTL, STATUS } from './registers.ts';
import { Transmitter } from './transmit/transmitter.ts';

export interface Nic82540emOptions {
  clock: Clock;
  /** Where the cable goes in. */
  port: CablePort;
  /** 64 words, see {@link eepromImage}. */
  eeprom: Uint16Array;
  /** For messages; `82540EM` unless given. */
  name?: string;
}

/** An Intel 82540EM, to be plugged into a bus. */
export class Nic82540em implements PciFunction, FrameReceiver {
  readonly name: string;
  readonly #config = new ConfigSpace(HEADER);
  readonly #pin = new InterruptPin(this.#config);
  #asleep = false;
  readonly #core: Core;
  readonly #eeprom: Eeprom;
  readonly #phy: Phy;
  readonly #registers: RegisterFile;
  readonly #window: IoWindow;
  readonly #flow: FlowControl;
  readonly #transmitter: Transmitter;
  readonly #receiver: Receiver;

  constructor(options: Nic82540emOptions) {
    const { clock, port } = options;
    this.name = options.name ?? '82540EM';
    const core = new Core(clock, port, new Interrupts(clock, this.#pin));
    this.#core = core;
    this.#eeprom = new Eeprom(options.eeprom);
    this.#phy = new Phy(() => this.#updateLink());
    this.#flow = new FlowControl(core, () => this.#transmitter.kick());
    this.#receiver = new Receiver(core, this.#flow);
    this.#transmitter = new Transmitter(core, this.#flow, (frame) => this.#receiver.receive(frame));
    this.#registers = new RegisterFile(core, this.#eeprom, this.#phy, {
      reset: () => this.#resetMac(),
      linkMayHaveChanged: () => this.#updateLink(),
      transmit: this.#transmitter,
      receive: this.#receiver,
    });
    this.#window = new IoWindow(this.#registers);
    this.#registers.powerOn();
    this.#resetMac();
  }

  plugIn(bus: BusPort): Undo {
    this.#core.connect(bus);
    this.#pin.connect(bus);
    this.#transmitter.connect(bus);
    const unplugCable = this.#core.port.plug(this);
    this.#phy.cable = this.#core.port.up;
    return () => {
      this.reset();
      unplugCable();
      this.#pin.connect(null);
      this.#transmitter.connect(null);
      this.#core.connect(null);
    };
  }

  reset(): void {
    this.#config.reset();
    this.#updatePower();
    this.#eeprom.reset();
    this.#registers.powerOn();
    this.#resetMac();
    this.#phy.reset();
  }

  configRead(offset: number, size: AccessSize): number {
    return this.#config.read(offset, size);
  }

  configWrite(offset: number, size: AccessSize, value: number): void {
    const asleep = this.#asleep;
    this.#config.write(offset, size, value);
    this.#updatePower();
    this.#pin.configure();
    if (asleep && !this.#asleep) this.#resetMac();
    this.#transmitter.kick();
    this.#receiver.kick();
  }

  /** Registers are read and written as 32 bits; smaller accesses are not what the chip was made for, and read 0. */
  barRead(bar: number, offset: number, size: AccessSize): number {
    if (this.#asleep || size !== 4) return 0;
    if (bar === BAR_MEMORY) return this.#registers.read(offset & ~3);
    return bar === BAR_IO ? this.#window.read(offset) : 0;
  }

  barWrite(bar: number, offset: number, size: AccessSize, value: number): void {
    if (this.#asleep || size !== 4) return;
    if (bar === BAR_MEMORY) this.#registers.write(offset & ~3, value | 0);
    else if (bar === BAR_IO) this.#window.write(offset, value | 0);
  }

  receive(frame: Frame): void {
    if (this.#core.linkUp && !this.#core.loopback) this.#receiver.receive(frame);
  }

  linkChanged(up: boolean): void {
    this.#phy.cable = up;
  }

  /** CTRL.RST: everything but the transceiver, and the address comes from the EEPROM again. */
  #resetMac(): void {
    const { interrupts, statistics } = this.#core;
    this.#registers.setDefaults();
    interrupts.reset();
    statistics.clear();
    this.#flow.reset();
    this.#transmitter.reset();
    this.#receiver.reset();
    this.#core.linkUp = false;
    this.#updateLink();
  }

  /** The link is up when the transceiver has one and the driver wants one. */
  #updateLink(): void {
    const { regs, interrupts } = this.#core;
    this.#core.loopback = this.#phy.loopback || (regs[RCTL >>> 2] & RCTL_LBM) !== 0;
    const up = this.#phy.linkUp && (regs[CTRL >>> 2] & CTRL_SLU) !== 0;
    if (up === this.#core.linkUp) return;
    this.#core.linkUp = up;
    if (up) regs[STATUS >>> 2] |= STATUS_LU;
    else regs[STATUS >>> 2] &= ~STATUS_LU;
    interrupts.raise(ICR_LSC);
    if (up) this.#transmitter.kick();
  }

  #updatePower(): void {
    const pm = this.#config.capability(PCI_CAP_ID_PM);
    this.#asleep = (this.#config.read(pm + PCI_PM_CTRL, 1) & PCI_PM_CTRL_STATE_MASK) !== 0;
    this.#core.mayDma = !this.#asleep && (this.#config.command & PCI_COMMAND_MASTER) !== 0;
  }
}
