import {
  CTRL_ASDE,
  CTRL_FRCDPX,
  CTRL_FRCSPD,
  CTRL_SLU,
  STATUS_FD,
  STATUS_SPEED_10,
  STATUS_SPEED_100,
  STATUS_SPEED_MASK,
  TCTL_COLD_SHIFT,
} from '../bits.ts';
import { CTRL, STATUS, TCTL } from '../registers.ts';
import { configureFlowControl, e1000ConfigFcAfterLinkUp } from './flow-control.ts';
import type { E1000Hw } from './hw.ts';
import { e1000CopperLinkAutoneg, e1000ReadPhyReg, MII_SR_LINK_STATUS, PHY_STATUS } from './phy.ts';

/** In byte times. */
const COLLISION_DISTANCE = 64;

/**
 * Lets the PHY negotiate; speed and duplex follow it. When the link is up the chip interrupts.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_setup_link()
 */
export function e1000SetupLink(hw: E1000Hw): void {
  hw.write(CTRL, (hw.read(CTRL) & ~(CTRL_FRCSPD | CTRL_FRCDPX)) | CTRL_SLU | CTRL_ASDE);
  e1000CopperLinkAutoneg(hw);
  configureFlowControl(hw);
  hw.getLinkStatus = true;
}

/**
 * Asks the PHY if something may have changed, and settles what depends on the link partner.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_has_link()
 */
export function e1000HasLink(hw: E1000Hw): boolean {
  if (hw.getLinkStatus) e1000CheckForLink(hw);
  return !hw.getLinkStatus;
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_check_for_link() */
function e1000CheckForLink(hw: E1000Hw): void {
  e1000ReadPhyReg(hw, PHY_STATUS); // shows first that the link was down meanwhile
  const status = e1000ReadPhyReg(hw, PHY_STATUS);
  if (status < 0 || (status & MII_SR_LINK_STATUS) === 0) return;
  hw.getLinkStatus = false;
  e1000ConfigCollisionDist(hw);
  e1000ConfigFcAfterLinkUp(hw, (hw.read(STATUS) & STATUS_FD) !== 0);
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_config_collision_dist() */
export function e1000ConfigCollisionDist(hw: E1000Hw): void {
  const tctl = hw.read(TCTL) & ~(0x3ff << TCTL_COLD_SHIFT);
  hw.write(TCTL, tctl | (COLLISION_DISTANCE << TCTL_COLD_SHIFT));
}

/** Mbit/s. @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_get_speed_and_duplex() */
export function e1000GetSpeed(hw: E1000Hw): number {
  const speed = hw.read(STATUS) & STATUS_SPEED_MASK;
  if (speed === STATUS_SPEED_10) return 10;
  return speed === STATUS_SPEED_100 ? 100 : 1000;
}
