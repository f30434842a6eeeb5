import type { Core } from '../core.ts';
import { checksumReach, insertChecksums } from './checksum.ts';
import type { OffloadContext } from './context.ts';
import type { Gather } from './gather.ts';
import type { Packet } from './packet.ts';
import { insertTag, VLAN_TAG } from './vlan-tag.ts';

/** Bytes in front of a VLAN tag. */
const ADDRESSES = 12;

/** Makes one frame of the packet: as it is, except for checksums, in a copy of its first bytes. */
export function wholeFrame(core: Core, gather: Gather, packet: Packet, context: OffloadContext, tagged: boolean): void {
  const { length } = packet;
  const vlan = tagged ? VLAN_TAG : 0;
  const reach = checksumReach(packet, context);
  const copied = Math.min(length, Math.max(reach, tagged ? ADDRESSES : 0));
  gather.begin(copied === 0 ? 0 : copied + vlan);
  if (copied > 0) {
    const at = gather.header + vlan;
    packet.copyHead(core.memory, copied, gather.scratch.u8, at);
    if (reach > 0 && reach <= length) insertChecksums(core, gather.scratch.view, at, packet, context);
  }
  if (tagged) insertTag(core, gather, packet.vlanTag);
  let skip = copied;
  for (let i = 0; i < packet.pieces; i++) {
    const size = packet.lengths[i];
    if (skip < size) gather.add(packet.addresses[i] + skip, size - skip);
    skip = skip < size ? 0 : skip - size;
  }
}
