import type { E1000Adapter } from '../adapter.ts';
import {
  DESC_SIZE,
  TXD_CMD_DEXT,
  TXD_CMD_IFCS,
  TXD_CMD_TSE,
  TXD_CMD_VLE,
  TXD_DTYP_DATA,
  TXD_POPTS_IXSM,
  TXD_POPTS_TXSM,
  TXD_SPECIAL_SHIFT,
} from '../descriptors.ts';
import { E1000_TX_FLAGS_CSUM, E1000_TX_FLAGS_IPV4, E1000_TX_FLAGS_TSO, E1000_TX_FLAGS_VLAN } from './flags.ts';
import type { E1000TxRing } from './tx-ring.ts';

/**
 * Writes the descriptors of `count` mapped pieces; the last one ends the packet and asks for a report.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_tx_queue()
 */
export function e1000TxQueue(
  adapter: E1000Adapter,
  ring: E1000TxRing,
  flags: number,
  tci: number,
  count: number,
): void {
  const { view, base, dma, length } = ring;
  let upper = 0;
  let lower = TXD_CMD_IFCS;
  if ((flags & E1000_TX_FLAGS_TSO) !== 0) {
    lower |= TXD_CMD_DEXT | TXD_DTYP_DATA | TXD_CMD_TSE;
    upper |= TXD_POPTS_TXSM;
    if ((flags & E1000_TX_FLAGS_IPV4) !== 0) upper |= TXD_POPTS_IXSM;
  }
  if ((flags & E1000_TX_FLAGS_CSUM) !== 0) {
    lower |= TXD_CMD_DEXT | TXD_DTYP_DATA;
    upper |= TXD_POPTS_TXSM;
  }
  if ((flags & E1000_TX_FLAGS_VLAN) !== 0) {
    lower |= TXD_CMD_VLE;
    upper |= tci << TXD_SPECIAL_SHIFT;
  }
  let slot = ring.nextToUse;
  for (let left = count; left > 0; left--) {
    const at = base + slot * DESC_SIZE;
    view.setInt32(at, dma[slot], true);
    view.setInt32(at + 4, 0, true);
    view.setInt32(at + 8, lower | length[slot] | (left === 1 ? adapter.txdCmd : 0), true);
    view.setInt32(at + 12, upper, true);
    slot = slot + 1 === ring.count ? 0 : slot + 1;
  }
  ring.nextToUse = slot;
}
