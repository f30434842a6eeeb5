/** Registers of the transceiver, a Marvell 88E1011. IEEE 802.3 clause 22, manual chapter 11. */
export const PHY_CONTROL = 0;
export const PHY_STATUS = 1;
export const PHY_ID1 = 2;
export const PHY_ID2 = 3;
export const PHY_AUTONEG_ADV = 4;
export const PHY_LP_ABILITY = 5;
export const PHY_AUTONEG_EXP = 6;
export const PHY_1000T_CTRL = 9;
export const PHY_1000T_STATUS = 10;
export const PHY_EXT_STATUS = 15;
export const M88E1000_PHY_SPEC_CTRL = 16;
export const M88E1000_PHY_SPEC_STATUS = 17;
export const M88E1000_EXT_PHY_SPEC_CTRL = 20;

const CONTROL_RESET = 0x8000;
const CONTROL_LOOPBACK = 0x4000;
const CONTROL_POWER_DOWN = 0x0800;
const CONTROL_RESTART_AUTONEG = 0x0200;
const CONTROL_DEFAULT = 0x1140; // auto-negotiation, full duplex, 1000 Mb/s

const STATUS_ABILITIES = 0x7949;
const STATUS_AUTONEG_COMPLETE = 0x0020;
const STATUS_LINK = 0x0004;

const SPEC_STATUS_UP = 0xac00; // 1000 Mb/s, full duplex, resolved, link
/** The partner offers everything, with symmetric and asymmetric PAUSE. */
const PARTNER = 0x4de1;
const PARTNER_1000T = 0x3c00; // 1000BASE-T full duplex; local and remote receivers are fine

const DEFAULTS: readonly (readonly [number, number])[] = [
  [PHY_CONTROL, CONTROL_DEFAULT],
  [PHY_ID1, 0x0141],
  [PHY_ID2, 0x0c20],
  [PHY_AUTONEG_ADV, 0x0de1],
  [PHY_1000T_CTRL, 0x0e00],
  [PHY_EXT_STATUS, 0x3000],
  [M88E1000_PHY_SPEC_CTRL, 0x0068],
  [M88E1000_EXT_PHY_SPEC_CTRL, 0x0d60],
];
const WRITABLE = new Set([
  PHY_AUTONEG_ADV,
  7,
  PHY_1000T_CTRL,
  M88E1000_PHY_SPEC_CTRL,
  18,
  M88E1000_EXT_PHY_SPEC_CTRL,
  24,
  29,
  30,
]);

/** MDIC. Manual 13.4.7. */
const MDIC_OP_WRITE = 1;
const MDIC_OP_READ = 2;
const MDIC_READY = 1 << 28;
const MDIC_INTERRUPT = 1 << 29;
const MDIC_ERROR = 1 << 30;
const PHY_ADDRESS = 1;

/** The transceiver behind the MDIO wire. Auto-negotiation takes no time and ends at 1000 Mb/s, full duplex. */
export class Phy {
  readonly #registers = new Uint16Array(32);
  readonly #changed: () => void;
  #cable = false;
  /** The status register shows a lost link once more after it came back. */
  #lost = true;
  #mdic = MDIC_READY;

  /** `changed` is called when the link may have. */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#setDefaults();
  }

  /** Whether there is somebody at the other end of the cable. */
  set cable(up: boolean) {
    this.#cable = up;
    if (!up) this.#lost = true;
    this.#changed();
  }

  get linkUp(): boolean {
    return this.#cable && (this.#registers[PHY_CONTROL] & CONTROL_POWER_DOWN) === 0;
  }

  get loopback(): boolean {
    return (this.#registers[PHY_CONTROL] & CONTROL_LOOPBACK) !== 0;
  }

  get mdic(): number {
    return this.#mdic;
  }

  /** Runs a command of the MDI control register. Returns whether it asks for an interrupt. */
  command(mdic: number): boolean {
    const register = (mdic >>> 16) & 0x1f;
    const op = (mdic >>> 26) & 3;
    let data = mdic & 0xffff;
    const there = ((mdic >>> 21) & 0x1f) === PHY_ADDRESS;
    if (there && op === MDIC_OP_READ) data = this.read(register);
    if (there && op === MDIC_OP_WRITE) this.write(register, data);
    this.#mdic = (mdic & ~(0xffff | MDIC_ERROR)) | data | MDIC_READY | (there ? 0 : MDIC_ERROR);
    return (mdic & MDIC_INTERRUPT) !== 0;
  }

  read(register: number): number {
    switch (register) {
      case PHY_STATUS:
        return this.#readStatus();
      case PHY_LP_ABILITY:
        return this.linkUp ? PARTNER : 0;
      case PHY_AUTONEG_EXP:
        return this.linkUp ? 0x0001 : 0;
      case PHY_1000T_STATUS:
        return this.linkUp ? PARTNER_1000T : 0;
      case M88E1000_PHY_SPEC_STATUS:
        return this.linkUp ? SPEC_STATUS_UP : 0;
      default:
        return this.#registers[register];
    }
  }

  write(register: number, value: number): void {
    if (register === PHY_CONTROL) this.#control(value);
    else if (WRITABLE.has(register)) this.#registers[register] = value;
  }

  reset(): void {
    this.#setDefaults();
    this.#changed();
  }

  #setDefaults(): void {
    this.#registers.fill(0);
    for (const [register, value] of DEFAULTS) this.#registers[register] = value;
  }

  #control(value: number): void {
    if ((value & CONTROL_RESET) !== 0) this.#registers[PHY_CONTROL] = CONTROL_DEFAULT;
    else this.#registers[PHY_CONTROL] = value & ~(CONTROL_RESET | CONTROL_RESTART_AUTONEG);
    if (!this.linkUp) this.#lost = true;
    this.#changed();
  }

  #readStatus(): number {
    const up = this.linkUp;
    const link = up && !this.#lost ? STATUS_LINK : 0;
    this.#lost = !up;
    return STATUS_ABILITIES | link | (up ? STATUS_AUTONEG_COMPLETE : 0);
  }
}
