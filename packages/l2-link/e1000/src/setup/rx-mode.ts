import { IFF_ALLMULTI, IFF_PROMISC, NETIF_F_HW_VLAN_CTAG_RX, type NetDevice } from '@stack/netdev';
import { e1000Priv, type E1000Adapter } from '../adapter.ts';
import { CTRL_VME, RCTL_MPE, RCTL_UPE } from '../bits.ts';
import {
  e1000RarSet,
  E1000_RAR_ENTRIES,
  multicastTable,
  rarClear,
  writeMulticastTable,
} from '../hw/receive-address.ts';
import { CTRL, RCTL } from '../registers.ts';

/**
 * Which frames the chip lets pass: all, all to groups, or those to our address and the groups we are in. The first
 * groups get exact filters, the others share the hash table.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_set_rx_mode()
 */
export function e1000SetRxMode(dev: NetDevice): void {
  const { hw } = e1000Priv(dev);
  let mode = 0;
  if ((dev.flags & IFF_PROMISC) !== 0) mode = RCTL_UPE | RCTL_MPE;
  else if ((dev.flags & IFF_ALLMULTI) !== 0) mode = RCTL_MPE;
  hw.write(RCTL, (hw.read(RCTL) & ~(RCTL_UPE | RCTL_MPE)) | mode);

  const groups = Array.from(dev.multicast, bytesOf);
  for (let i = 1; i < E1000_RAR_ENTRIES; i++) {
    if (i <= groups.length) e1000RarSet(hw, i, groups[i - 1]);
    else rarClear(hw, i);
  }
  writeMulticastTable(hw, multicastTable(groups.slice(E1000_RAR_ENTRIES - 1)));
}

/** Of 12 hex digits. */
function bytesOf(address: string): Uint8Array {
  return Uint8Array.from({ length: 6 }, (_, i) => Number.parseInt(address.slice(2 * i, 2 * i + 2), 16));
}

/**
 * Whether the chip takes tags out of received frames and puts them into those to be sent. Sending needs it, too, so that
 * it depends on receiving alone.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c __e1000_vlan_mode()
 */
export function e1000VlanMode({ hw, dev }: E1000Adapter): void {
  if ((dev.features & NETIF_F_HW_VLAN_CTAG_RX) !== 0) hw.set(CTRL, CTRL_VME);
  else hw.clear(CTRL, CTRL_VME);
}
