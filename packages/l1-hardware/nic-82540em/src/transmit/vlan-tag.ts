import type { Core } from '../core.ts';
import { VET } from '../registers.ts';
import type { Gather } from './gather.ts';

/** Bytes of a VLAN tag, and of the addresses in front of it. */
export const VLAN_TAG = 4;
const ADDRESSES = 12;

/** Puts a VLAN tag behind the addresses of the headers in scratch memory, in front of which four bytes were left free. */
export function insertTag(core: Core, gather: Gather, tag: number): void {
  const { header, scratch } = gather;
  scratch.u8.copyWithin(header, header + VLAN_TAG, header + VLAN_TAG + ADDRESSES);
  scratch.view.setUint16(header + ADDRESSES, core.regs[VET >>> 2]);
  scratch.view.setUint16(header + ADDRESSES + 2, tag);
}
