import type { E1000Adapter } from '../adapter.ts';
import {
  RCTL_BAM,
  RCTL_BSEX,
  RCTL_BSIZE_2048,
  RCTL_BSIZE_4096,
  RCTL_EN,
  RCTL_LPE,
  RCTL_MPE,
  RCTL_SECRC,
  RCTL_UPE,
  RXCSUM_IPOFL,
  RXCSUM_TUOFL,
  TCTL_CT_SHIFT,
  TCTL_PSP,
  TCTL_RTLC,
} from '../bits.ts';
import { DESC_SIZE, TXD_CMD_EOP, TXD_CMD_IDE, TXD_CMD_IFCS, TXD_CMD_RS } from '../descriptors.ts';
import { e1000ConfigCollisionDist } from '../hw/link.ts';
import { initialRate, itrInterval } from '../itr.ts';
import { e1000AllocRxBuffers } from '../receive/buffers.ts';
import {
  ITR,
  RADV,
  RCTL,
  RDBAH,
  RDBAL,
  RDH,
  RDLEN,
  RDT,
  RDTR,
  RXCSUM,
  TADV,
  TCTL,
  TDBAH,
  TDBAL,
  TDH,
  TDLEN,
  TDT,
  TIDV,
  TIPG,
} from '../registers.ts';
import { RX_BUFFER_4096 } from './buffer-size.ts';
import { e1000SetRxMode, e1000VlanMode } from './rx-mode.ts';

/** Gaps between frames on copper, as the manual recommends: 8, 8 and 6 byte times. */
const TIPG_COPPER = 8 | (8 << 10) | (6 << 20);
/** Collisions until a frame is given up. */
const COLLISION_THRESHOLD = 15;
/** The largest frame without LPE: 1,518 bytes and a tag. */
const LONGEST_WITHOUT_LPE = 1522;

/**
 * All that a reset has undone, and buffers for the chip to receive into.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_configure()
 */
export function e1000Configure(adapter: E1000Adapter): void {
  e1000SetRxMode(adapter.dev);
  e1000VlanMode(adapter);
  e1000ConfigureTx(adapter);
  e1000SetupRctl(adapter);
  e1000ConfigureRx(adapter);
  e1000AllocRxBuffers(adapter, adapter.rxRing, adapter.rxRing.unused);
}

/** The transmitter stays off until there is a link. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_configure_tx() */
function e1000ConfigureTx(adapter: E1000Adapter): void {
  const { hw, params, txRing } = adapter;
  hw.write(TDLEN, txRing.count * DESC_SIZE);
  hw.write(TDBAH, 0);
  hw.write(TDBAL, txRing.memory!.dma);
  hw.write(TDT, 0);
  hw.write(TDH, 0);
  hw.write(TIPG, TIPG_COPPER);
  hw.write(TIDV, params.txIntDelay);
  hw.write(TADV, params.txAbsIntDelay);
  hw.write(TCTL, TCTL_PSP | TCTL_RTLC | (COLLISION_THRESHOLD << TCTL_CT_SHIFT));
  e1000ConfigCollisionDist(hw);
  adapter.txdCmd = TXD_CMD_EOP | TXD_CMD_IFCS | TXD_CMD_RS | (params.txIntDelay > 0 ? TXD_CMD_IDE : 0);
}

/**
 * Which frames, and into buffers of which size. The chip cuts the check sequence off: nobody above wants it.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_setup_rctl()
 */
function e1000SetupRctl({ hw, rxBufferLen }: E1000Adapter): void {
  const size = rxBufferLen === RX_BUFFER_4096 ? RCTL_BSIZE_4096 | RCTL_BSEX : RCTL_BSIZE_2048;
  const long = hw.maxFrameSize > LONGEST_WITHOUT_LPE ? RCTL_LPE : 0;
  const mode = hw.read(RCTL) & (RCTL_UPE | RCTL_MPE);
  hw.write(RCTL, mode | RCTL_BAM | RCTL_SECRC | size | long);
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_configure_rx() */
function e1000ConfigureRx({ hw, itr, params, rxRing, rxCsum }: E1000Adapter): void {
  hw.write(RDTR, params.rxIntDelay);
  hw.write(RADV, params.rxAbsIntDelay);
  itr.restart();
  hw.write(ITR, itrInterval(initialRate(params.interruptThrottleRate)));
  hw.write(RDLEN, rxRing.count * DESC_SIZE);
  hw.write(RDBAH, 0);
  hw.write(RDBAL, rxRing.memory!.dma);
  hw.write(RDT, 0);
  hw.write(RDH, 0);
  hw.write(RXCSUM, rxCsum ? RXCSUM_IPOFL | RXCSUM_TUOFL : 0);
  hw.set(RCTL, RCTL_EN);
}
