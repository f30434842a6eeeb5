import { CTRL_RFCE, CTRL_TFCE, FCRTL_XONE } from '../bits.ts';
import type { FlowControl } from '../params.ts';
import { CTRL, FCAH, FCAL, FCRTH, FCRTL, FCT, FCTTV } from '../registers.ts';
import { e1000ReadEeprom, EEPROM_INIT_CONTROL2, EEPROM_WORD0F_ASM_DIR, EEPROM_WORD0F_PAUSE } from './eeprom.ts';
import { FC_FULL, FC_NONE, FC_RX_PAUSE, FC_TX_PAUSE, type E1000Hw } from './hw.ts';
import {
  e1000ReadPhyReg,
  MII_SR_AUTONEG_COMPLETE,
  NWAY_ASM_DIR,
  NWAY_PAUSE,
  PHY_AUTONEG_ADV,
  PHY_LP_ABILITY,
  PHY_STATUS,
} from './phy.ts';

/** PAUSE frames: 01:80:C2:00:00:01, type 0x8808. @rfc 7042 2.1.1 */
const FLOW_CONTROL_ADDRESS_LOW = 0x00c2_8001;
const FLOW_CONTROL_ADDRESS_HIGH = 0x0100;
const FLOW_CONTROL_TYPE = 0x8808;
/** The longest pause; it ends earlier, with a frame that says so. */
const FC_PAUSE_TIME = 0xffff;

const MODES: Record<FlowControl, number> = { none: FC_NONE, rx: FC_RX_PAUSE, tx: FC_TX_PAUSE, full: FC_FULL };

/** What to offer: the administrator's choice, else that of the board. */
export function requestedFlowControl(hw: E1000Hw, choice: FlowControl | undefined): number {
  if (choice !== undefined) return MODES[choice];
  const word = e1000ReadEeprom(hw, EEPROM_INIT_CONTROL2) & (EEPROM_WORD0F_PAUSE | EEPROM_WORD0F_ASM_DIR);
  if (word === 0) return FC_NONE;
  return word === EEPROM_WORD0F_ASM_DIR ? FC_TX_PAUSE : FC_FULL;
}

/**
 * How full the receive buffer may be until the sender is paused: nine tenths, and room for one frame more.
 *
 * @param pba - Kilobytes of the packet buffer that are for receiving.
 */
export function setWaterMarks(hw: E1000Hw, pba: number): void {
  const bytes = pba * 1024;
  hw.fcHighWater = Math.min(Math.floor((bytes * 9) / 10), bytes - hw.maxFrameSize) & ~7;
  hw.fcLowWater = hw.fcHighWater - 8;
}

/** Tells the chip how to pause, and when. */
export function configureFlowControl(hw: E1000Hw): void {
  const pauses = (hw.requestedFc & FC_TX_PAUSE) !== 0;
  hw.write(FCT, FLOW_CONTROL_TYPE);
  hw.write(FCAH, FLOW_CONTROL_ADDRESS_HIGH);
  hw.write(FCAL, FLOW_CONTROL_ADDRESS_LOW);
  hw.write(FCTTV, FC_PAUSE_TIME);
  hw.write(FCRTL, pauses ? hw.fcLowWater | FCRTL_XONE : 0);
  hw.write(FCRTH, pauses ? hw.fcHighWater : 0);
}

/**
 * Both ends have said what they can do: sets what both want.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_config_fc_after_link_up()
 */
export function e1000ConfigFcAfterLinkUp(hw: E1000Hw, fullDuplex: boolean): void {
  if ((e1000ReadPhyReg(hw, PHY_STATUS) & MII_SR_AUTONEG_COMPLETE) === 0) return;
  const ours = e1000ReadPhyReg(hw, PHY_AUTONEG_ADV);
  const theirs = e1000ReadPhyReg(hw, PHY_LP_ABILITY);
  hw.fc = fullDuplex ? resolvePause(ours, theirs, hw.requestedFc) : FC_NONE;
  e1000ForceMacFc(hw);
}

/** IEEE 802.3, table 28B-3. */
function resolvePause(ours: number, theirs: number, requested: number): number {
  if ((ours & theirs & NWAY_PAUSE) !== 0) return requested === FC_FULL ? FC_FULL : FC_RX_PAUSE;
  if ((ours & theirs & NWAY_ASM_DIR) === 0) return FC_NONE;
  if ((theirs & NWAY_PAUSE) !== 0) return FC_TX_PAUSE;
  return (ours & NWAY_PAUSE) !== 0 ? FC_RX_PAUSE : FC_NONE;
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_force_mac_fc() */
function e1000ForceMacFc(hw: E1000Hw): void {
  const obeys = (hw.fc & FC_RX_PAUSE) !== 0 ? CTRL_RFCE : 0;
  const sends = (hw.fc & FC_TX_PAUSE) !== 0 ? CTRL_TFCE : 0;
  hw.write(CTRL, (hw.read(CTRL) & ~(CTRL_RFCE | CTRL_TFCE)) | obeys | sends);
}
