import {
  CTRL_EXT_EE_RST,
  CTRL_PHY_RST,
  CTRL_RST,
  ICR_MDAC,
  RAH_AV,
  RDTR_FPD,
  STATUS_FD,
  STATUS_SPEED_1000,
} from './bits.ts';
import type { Core } from './core.ts';
import type { Eeprom } from './eeprom.ts';
import type { Phy } from './phy.ts';
import * as reg from './registers.ts';

/** What writes set in motion. */
export interface Actions {
  reset(): void;
  linkMayHaveChanged(): void;
  transmit: { kick(): void; headWritten(): void; flushInterrupt(): void };
  receive: { kick(): void; configure(): void; flushInterrupt(): void };
}

/** Registers that keep what is written to them, and which bits of it. */
const STORAGE = new Map<number, number>([
  [reg.FCAL, -1],
  [reg.FCAH, 0xffff],
  [reg.FCT, 0xffff],
  [reg.VET, 0xffff],
  [reg.RCTL, 0x06df_f7fe],
  [reg.FCTTV, 0xffff],
  [reg.TXCW, -1],
  [reg.TCTL, 0x03ff_fffa],
  [reg.TIPG, 0x3fff_ffff],
  [reg.AIT, 0xffff],
  [reg.LEDCTL, -1],
  [reg.PBA, 0x003f],
  [reg.FCRTL, 0x8000_fff8 | 0],
  [reg.FCRTH, 0x0000_fff8],
  [reg.RDBAL, ~0xf],
  [reg.RDBAH, -1],
  [reg.RDLEN, 0x000f_ff80],
  [reg.RDH, 0xffff],
  [reg.RDT, 0xffff],
  [reg.RDTR, 0xffff],
  [reg.RXDCTL, 0x013f_3f3f],
  [reg.RADV, 0xffff],
  [reg.RSRPD, 0x0fff],
  [reg.TXDMAC, 0x0001],
  [reg.TDBAL, ~0xf],
  [reg.TDBAH, -1],
  [reg.TDLEN, 0x000f_ff80],
  [reg.TDH, 0xffff],
  [reg.TDT, 0xffff],
  [reg.TIDV, 0xffff],
  [reg.TXDCTL, 0xff3f_3f3f | 0],
  [reg.TADV, 0xffff],
  [reg.TSPMT, -1],
  [reg.RXCSUM, 0x07ff],
  [reg.WUC, 0x000f],
  [reg.WUFC, 0x000f_80ff],
  [reg.MANC, -1],
  [reg.IPAV, 0x0001_000f],
]);

/** Tables of registers, from and to. */
const TABLES = [
  [reg.MTA, reg.MTA_END],
  [reg.RA, reg.RA_END],
  [reg.VFTA, reg.VFTA_END],
  [reg.IP4AT, reg.IP4AT_END],
  [reg.FFLT, reg.FFLT_END],
  [reg.FFMT, reg.FFMT_END],
  [reg.FFVT, reg.FFVT_END],
] as const;

const CTRL_KEPT = ~(CTRL_RST | CTRL_PHY_RST);

/** What the driver's reads and writes of 32-bit registers do. Manual chapter 13. */
export class RegisterFile {
  readonly #core: Core;
  readonly #eeprom: Eeprom;
  readonly #phy: Phy;
  readonly #actions: Actions;
  /** For each register, the bits that it keeps; 0 where nothing is. */
  readonly #kept = new Int32Array(reg.REGISTER_SPACE / 4);

  constructor(core: Core, eeprom: Eeprom, phy: Phy, actions: Actions) {
    this.#core = core;
    this.#eeprom = eeprom;
    this.#phy = phy;
    this.#actions = actions;
    for (const [offset, bits] of STORAGE) this.#kept[offset >>> 2] = bits;
    for (const [from, to] of TABLES) this.#kept.fill(-1, from >>> 2, to >>> 2);
  }

  /** As after power-on. */
  powerOn(): void {
    this.#core.regs[reg.PBA >>> 2] = 0x30; // KB for reception; the 16 others are for transmission
  }

  /** As after a reset of the MAC. How the packet buffer is divided outlasts that: it takes effect by it. */
  setDefaults(): void {
    const { regs } = this.#core;
    const pba = regs[reg.PBA >>> 2];
    regs.fill(0);
    regs[reg.PBA >>> 2] = pba;
    regs[reg.STATUS >>> 2] = STATUS_FD | STATUS_SPEED_1000;
    regs[reg.LEDCTL >>> 2] = 0x0706_8302;
    const { words } = this.#eeprom;
    regs[reg.RA >>> 2] = words[0] | (words[1] << 16);
    regs[(reg.RA >>> 2) + 1] = words[2] | RAH_AV;
  }

  /** Registers that do not exist read 0. */
  read(offset: number): number {
    const { regs, interrupts, statistics } = this.#core;
    switch (offset) {
      case reg.EECD:
        return this.#eeprom.eecd;
      case reg.EERD:
        return this.#eeprom.eerd;
      case reg.MDIC:
        return this.#phy.mdic;
      case reg.ICR:
        return interrupts.read();
      case reg.IMS:
        return interrupts.mask;
      case reg.ITR:
        return interrupts.throttle;
      case reg.PBA:
        return regs[offset >>> 2] | ((64 - regs[offset >>> 2]) << 16);
      default:
        if (offset >= reg.STATISTICS && offset < reg.STATISTICS_END) return statistics.read(offset);
        return regs[offset >>> 2];
    }
  }

  /** Writes to registers that do not exist, or that cannot be written, go nowhere. */
  write(offset: number, value: number): void {
    const { regs } = this.#core;
    const kept = this.#kept[offset >>> 2];
    if (kept === 0) return this.#command(offset, value);
    regs[offset >>> 2] = value & kept;
    const { transmit, receive } = this.#actions;
    switch (offset) {
      case reg.TDT:
      case reg.TCTL:
        return transmit.kick();
      case reg.TDH:
        return transmit.headWritten();
      case reg.RDH:
      case reg.RDT:
        receive.configure();
        return receive.kick();
      case reg.RCTL:
      case reg.RDBAL:
      case reg.RDBAH:
      case reg.RDLEN:
        return this.#receiveChanged();
      case reg.RDTR:
        return (value & RDTR_FPD) !== 0 ? receive.flushInterrupt() : undefined;
      case reg.TIDV:
        return (value & RDTR_FPD) !== 0 ? transmit.flushInterrupt() : undefined;
    }
  }

  /** Size and place of the ring or its buffers, loopback, or whether anything is received at all. */
  #receiveChanged(): void {
    this.#actions.receive.configure();
    this.#actions.linkMayHaveChanged();
    this.#actions.receive.kick();
  }

  #command(offset: number, value: number): void {
    const { interrupts } = this.#core;
    switch (offset) {
      case reg.CTRL:
        return this.#control(value);
      case reg.CTRL_EXT:
        return this.#extendedControl(value);
      case reg.EECD:
        this.#eeprom.eecd = value;
        return;
      case reg.EERD:
        this.#eeprom.eerd = value;
        return;
      case reg.MDIC:
        if (this.#phy.command(value)) interrupts.raise(ICR_MDAC);
        return;
      case reg.ICR:
        return interrupts.acknowledge(value);
      case reg.ICS:
        return interrupts.raise(value);
      case reg.IMS:
        return interrupts.enable(value);
      case reg.IMC:
        return interrupts.disable(value);
      case reg.ITR:
        return interrupts.setThrottle(value);
    }
  }

  #control(value: number): void {
    if ((value & CTRL_RST) !== 0) return this.#actions.reset();
    this.#core.regs[reg.CTRL >>> 2] = value & CTRL_KEPT;
    if ((value & CTRL_PHY_RST) !== 0) this.#phy.reset();
    this.#actions.linkMayHaveChanged();
  }

  #extendedControl(value: number): void {
    this.#core.regs[reg.CTRL_EXT >>> 2] = value & ~CTRL_EXT_EE_RST;
    if ((value & CTRL_EXT_EE_RST) !== 0) this.#eeprom.reset();
  }
}
