import { CTRL_RST, TCTL_PSP, TXDCTL_FULL_TX_DESC_WB } from '../bits.ts';
import { CTRL, ICR, IMC, RCTL, STATISTICS, STATISTICS_END, TCTL, TXDCTL } from '../registers.ts';
import type { E1000Hw } from './hw.ts';
import { e1000SetupLink } from './link.ts';
import { e1000ClearVfta, e1000InitRxAddrs, multicastTable, writeMulticastTable } from './receive-address.ts';

/**
 * Stops DMA and interrupts and puts the chip, but not its PHY, into the state after power-on. False when it does not
 * come back.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_reset_hw()
 */
export function e1000ResetHw(hw: E1000Hw): boolean {
  hw.write(IMC, ~0);
  hw.write(RCTL, 0);
  hw.write(TCTL, TCTL_PSP);
  hw.flush();
  hw.set(CTRL, CTRL_RST);
  if (!hw.poll(CTRL, CTRL_RST, false)) return false;
  hw.write(IMC, ~0);
  hw.read(ICR);
  return true;
}

/**
 * Address filters, link and counters.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_init_hw()
 */
export function e1000InitHw(hw: E1000Hw): void {
  e1000ClearVfta(hw);
  e1000InitRxAddrs(hw);
  writeMulticastTable(hw, multicastTable([]));
  e1000SetupLink(hw);
  hw.write(TXDCTL, TXDCTL_FULL_TX_DESC_WB);
  e1000ClearHwCntrs(hw);
}

/** Counters are cleared when they are read. @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_clear_hw_cntrs() */
function e1000ClearHwCntrs(hw: E1000Hw): void {
  for (let register = STATISTICS; register < STATISTICS_END; register += 4) hw.read(register);
}
