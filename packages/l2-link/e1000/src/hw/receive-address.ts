import { RAH_AV } from '../bits.ts';
import { MTA, RAH, RAL, VFTA } from '../registers.ts';
import type { E1000Hw } from './hw.ts';

/** Exact addresses that the filter holds; the first is our own. */
export const E1000_RAR_ENTRIES = 15;
/** Words of the hash table of multicast addresses, and of that of VLANs. */
const MC_TBL_SIZE = 128;
const VLAN_FILTER_TBL_SIZE = 128;
const STRIDE = 8;

/** @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_rar_set() */
export function e1000RarSet(hw: E1000Hw, index: number, address: Uint8Array): void {
  const low = address[0] | (address[1] << 8) | (address[2] << 16) | (address[3] << 24);
  hw.write(RAL + STRIDE * index, low);
  hw.write(RAH + STRIDE * index, address[4] | (address[5] << 8) | RAH_AV);
}

export function rarClear(hw: E1000Hw, index: number): void {
  hw.write(RAL + STRIDE * index, 0);
  hw.write(RAH + STRIDE * index, 0);
}

/** Our address alone. @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_init_rx_addrs() */
export function e1000InitRxAddrs(hw: E1000Hw): void {
  e1000RarSet(hw, 0, hw.macAddr);
  for (let i = 1; i < E1000_RAR_ENTRIES; i++) rarClear(hw, i);
}

/**
 * Bit of the hash table for an address: twelve bits of its last two bytes.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_hash_mc_addr()
 */
function e1000HashMcAddr(address: Uint8Array): number {
  return ((address[4] >>> 4) | (address[5] << 4)) & 0xfff;
}

/** Writes the whole hash table. */
export function writeMulticastTable(hw: E1000Hw, table: Int32Array): void {
  for (let i = 0; i < MC_TBL_SIZE; i++) hw.write(MTA + 4 * i, table[i]);
}

/** The hash table of these addresses, for {@link writeMulticastTable}. */
export function multicastTable(addresses: readonly Uint8Array[]): Int32Array {
  const table = new Int32Array(MC_TBL_SIZE);
  for (const address of addresses) {
    const hash = e1000HashMcAddr(address);
    table[hash >>> 5] |= 1 << (hash & 0x1f);
  }
  return table;
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_clear_vfta() */
export function e1000ClearVfta(hw: E1000Hw): void {
  for (let i = 0; i < VLAN_FILTER_TBL_SIZE; i++) hw.write(VFTA + 4 * i, 0);
}
