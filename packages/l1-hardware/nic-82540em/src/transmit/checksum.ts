import { csumFold, type Kernels } from '@stack/memory';
import { POPTS_IXSM, POPTS_TXSM, TXD_IC } from '../bits.ts';
import type { Core } from '../core.ts';
import type { OffloadContext } from './context.ts';
import type { Packet } from './packet.ts';

/** How many bytes of the packet have to be copied in order to insert its checksums. Manual 3.5. */
export function checksumReach(packet: Packet, context: OffloadContext): number {
  if (packet.legacy) return (packet.firstCommand & TXD_IC) === 0 ? 0 : packet.cso + 2;
  const ip = (packet.options & POPTS_IXSM) === 0 ? 0 : context.ipcso + 2;
  return (packet.options & POPTS_TXSM) === 0 ? ip : Math.max(ip, context.tucso + 2);
}

/** Computes the checksums over the packet, and writes them into the copy of its first bytes at `at` of the scratch memory. */
export function insertChecksums(
  core: Core,
  scratch: DataView,
  at: number,
  packet: Packet,
  context: OffloadContext,
): void {
  const { kernels } = core.memory;
  if (packet.legacy) {
    if ((packet.firstCommand & TXD_IC) === 0) return;
    const sum = checksumOf(kernels, packet, packet.css, 0);
    scratch.setUint16(at + packet.cso, sum);
    return;
  }
  if ((packet.options & POPTS_IXSM) !== 0)
    scratch.setUint16(at + context.ipcso, checksumOf(kernels, packet, context.ipcss, context.ipcse));
  if ((packet.options & POPTS_TXSM) === 0) return;
  const sum = checksumOf(kernels, packet, context.tucss, context.tucse);
  // UDP has no checksum 0: that means none.
  scratch.setUint16(at + context.tucso, sum === 0 && !context.tcp ? 0xffff : sum);
}

/** From byte `start` to byte `last` inclusive; 0 is the end of the packet. */
function checksumOf(kernels: Kernels, packet: Packet, start: number, last: number): number {
  return csumFold(packet.checksum(kernels, start, last === 0 ? packet.length : last + 1));
}
