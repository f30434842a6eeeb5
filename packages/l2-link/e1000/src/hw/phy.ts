import { MDIC_ERROR, MDIC_OP_READ, MDIC_OP_WRITE, MDIC_PHY_SHIFT, MDIC_READY, MDIC_REG_SHIFT } from '../bits.ts';
import { MDIC } from '../registers.ts';
import { FC_NONE, FC_TX_PAUSE, type E1000Hw } from './hw.ts';

/** The PHY inside the chip. */
const PHY_ADDRESS = 1;

/** Registers, as in IEEE 802.3 clause 22 and annex 40C. */
const PHY_CTRL = 0;
export const PHY_STATUS = 1;
const PHY_ID1 = 2;
export const PHY_AUTONEG_ADV = 4;
export const PHY_LP_ABILITY = 5;
const PHY_1000T_CTRL = 9;

const MII_CR_RESTART_AUTO_NEG = 1 << 9;
const MII_CR_POWER_DOWN = 1 << 11;
const MII_CR_AUTO_NEG_EN = 1 << 12;
export const MII_SR_LINK_STATUS = 1 << 2;
export const MII_SR_AUTONEG_COMPLETE = 1 << 5;
/** In what we offer and what the link partner does. */
export const NWAY_PAUSE = 1 << 10;
export const NWAY_ASM_DIR = 1 << 11;
const NWAY_SELECTOR_802_3 = 1;
const NWAY_ALL_SPEEDS = 0xf << 5;
const CR_1000T_FD_CAPS = 1 << 9;

/** -1 when the PHY does not answer. @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_read_phy_reg() */
export function e1000ReadPhyReg(hw: E1000Hw, register: number): number {
  hw.write(MDIC, (register << MDIC_REG_SHIFT) | (PHY_ADDRESS << MDIC_PHY_SHIFT) | MDIC_OP_READ);
  if (!hw.poll(MDIC, MDIC_READY, true)) return -1;
  const answer = hw.read(MDIC);
  return (answer & MDIC_ERROR) === 0 ? answer & 0xffff : -1;
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_write_phy_reg() */
function e1000WritePhyReg(hw: E1000Hw, register: number, value: number): void {
  hw.write(MDIC, value | (register << MDIC_REG_SHIFT) | (PHY_ADDRESS << MDIC_PHY_SHIFT) | MDIC_OP_WRITE);
  hw.poll(MDIC, MDIC_READY, true);
}

/** Whether there is one. @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_detect_gig_phy() */
export function e1000DetectGigPhy(hw: E1000Hw): boolean {
  const id = e1000ReadPhyReg(hw, PHY_ID1);
  return id > 0 && id !== 0xffff;
}

/**
 * Offers what we can do, flow control included, and negotiates anew.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_copper_link_autoneg()
 */
export function e1000CopperLinkAutoneg(hw: E1000Hw): void {
  e1000WritePhyReg(hw, PHY_AUTONEG_ADV, NWAY_SELECTOR_802_3 | NWAY_ALL_SPEEDS | pauseOffer(hw.requestedFc));
  e1000WritePhyReg(hw, PHY_1000T_CTRL, CR_1000T_FD_CAPS);
  const control = e1000ReadPhyReg(hw, PHY_CTRL);
  e1000WritePhyReg(hw, PHY_CTRL, control | MII_CR_AUTO_NEG_EN | MII_CR_RESTART_AUTO_NEG);
}

/**
 * To obey only cannot be offered: both is, and our sending stays off when it is resolved.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_phy_setup_autoneg()
 */
function pauseOffer(fc: number): number {
  if (fc === FC_NONE) return 0;
  return fc === FC_TX_PAUSE ? NWAY_ASM_DIR : NWAY_ASM_DIR | NWAY_PAUSE;
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_power_up_phy() */
export function e1000PowerUpPhy(hw: E1000Hw): void {
  e1000WritePhyReg(hw, PHY_CTRL, e1000ReadPhyReg(hw, PHY_CTRL) & ~MII_CR_POWER_DOWN);
}

/** An interface that is closed shows no link. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_power_down_phy() */
export function e1000PowerDownPhy(hw: E1000Hw): void {
  e1000WritePhyReg(hw, PHY_CTRL, e1000ReadPhyReg(hw, PHY_CTRL) | MII_CR_POWER_DOWN);
}
