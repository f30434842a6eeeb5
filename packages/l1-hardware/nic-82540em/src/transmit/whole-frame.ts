import type { Core } from '../core.ts';
import { VET } from '../registers.ts';
import { checksumReach, insertChecksums } from './checksum.ts';
import type { OffloadContext } from './context.ts';
import type { Gather } from './gather.ts';
import type { Packet } from './packet.ts';

/** Bytes of a VLAN tag, and of the addresses in front of it. */
export const VLAN_TAG = 4;
const ADDRESSES = 12;

/** Makes one frame of the packet: as it is, except for checksums, in a copy of its first bytes. */
export function wholeFrame(core: Core, gather: Gather, packet: Packet, context: OffloadContext, vlan: number): void {
  const length = packet.length;
  const reach = checksumReach(packet, context);
  const copied = Math.min(length, Math.max(reach, vlan === 0 ? 0 : ADDRESSES));
  gather.begin(copied === 0 ? 0 : copied + vlan);
  if (copied > 0) {
    const at = gather.header + vlan;
    packet.copyHead(core.memory, copied, gather.scratch.u8, at);
    if (reach > 0 && reach <= length) insertChecksums(core, gather.scratch.view, at, packet, context);
  }
  let skip = copied;
  for (let i = 0; i < packet.pieces; i++) {
    const size = packet.lengths[i];
    if (skip < size) gather.add(packet.addresses[i] + skip, size - skip);
    skip = skip < size ? 0 : skip - size;
  }
}

/** Puts a VLAN tag behind the addresses, for which four bytes were left free in front. */
export function insertTag(core: Core, gather: Gather, tag: number): void {
  const { header, scratch } = gather;
  scratch.u8.copyWithin(header, header + VLAN_TAG, header + VLAN_TAG + ADDRESSES);
  scratch.view.setUint16(header + ADDRESSES, core.regs[VET >>> 2]);
  scratch.view.setUint16(header + ADDRESSES + 2, tag);
}
