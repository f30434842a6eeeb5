import type { E1000Adapter } from '../adapter.ts';
import { FC_NONE } from '../hw/hw.ts';
import { requestedFlowControl, setWaterMarks } from '../hw/flow-control.ts';
import { e1000InitHw, e1000ResetHw } from '../hw/reset.ts';
import { PBA, VET } from '../registers.ts';

/** Kilobytes of the packet buffer's 64 that receive; larger frames leave more to the transmitter. */
const PBA_48K = 48;
const PBA_40K = 40;
const RX_BUFFER_8192 = 8192;
const ETHERNET_VLAN_TYPE = 0x8100;

/**
 * Resets the chip and starts its link. False when it does not come back.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_reset()
 */
export function e1000Reset({ hw, params }: E1000Adapter): boolean {
  const pba = hw.maxFrameSize > RX_BUFFER_8192 ? PBA_40K : PBA_48K;
  hw.write(PBA, pba); // takes effect by the reset
  if (!e1000ResetHw(hw)) return false;
  setWaterMarks(hw, pba);
  hw.requestedFc = requestedFlowControl(hw, params.flowControl);
  hw.fc = FC_NONE;
  e1000InitHw(hw);
  hw.write(VET, ETHERNET_VLAN_TYPE);
  return true;
}
