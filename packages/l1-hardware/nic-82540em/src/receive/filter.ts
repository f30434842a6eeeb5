import { RAH_AV, RCTL_BAM, RCTL_CFI, RCTL_CFIEN, RCTL_MO_SHIFT, RCTL_MPE, RCTL_UPE, RCTL_VFE } from '../bits.ts';
import { MTA, RA, RA_END, RCTL, VET, VFTA } from '../registers.ts';
import { BROADCAST, UNICAST } from '../statistics.ts';
import type { FrameHeader } from './header.ts';

/** What the filters say: not for us, ours for sure, or perhaps (the hash fits, or everything is wanted). */
export const REJECTED = 0;
export const EXACT = 1;
export const INEXACT = 2;

/** Which 12 of the address's last 16 bits the hash is made of, by RCTL.MO. */
const HASH_SHIFT = [4, 3, 2, 0];

/** Whether the destination address is wanted. Manual 3.2.1 and 13.5. */
export function filterAddress(regs: Int32Array, header: FrameHeader): number {
  const { bytes, at } = header;
  const low = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  const high = bytes[at + 4] | (bytes[at + 5] << 8);
  for (let i = RA >>> 2; i < RA_END >>> 2; i += 2) {
    if (regs[i] === low && (regs[i + 1] & (RAH_AV | 0xffff)) === (RAH_AV | high)) return EXACT;
  }
  const control = regs[RCTL >>> 2];
  const { kind } = header;
  if (kind === UNICAST) return (control & RCTL_UPE) !== 0 ? INEXACT : REJECTED;
  if (kind === BROADCAST) return (control & (RCTL_BAM | RCTL_MPE)) !== 0 ? EXACT : REJECTED;
  return (control & RCTL_MPE) !== 0 || hashed(regs, high) ? INEXACT : REJECTED;
}

/** Whether the frame's VLAN is wanted. */
export function filterVlan(regs: Int32Array, header: FrameHeader): boolean {
  const control = regs[RCTL >>> 2];
  if ((control & RCTL_VFE) === 0 || header.u16(12) !== (regs[VET >>> 2] & 0xffff)) return true;
  const tag = header.u16(14);
  if ((control & RCTL_CFIEN) !== 0 && ((tag & 0x1000) !== 0) !== ((control & RCTL_CFI) !== 0)) return false;
  return (regs[(VFTA >>> 2) + ((tag >>> 5) & 0x7f)] & (1 << (tag & 0x1f))) !== 0;
}

function hashed(regs: Int32Array, high: number): boolean {
  const hash = (high >>> HASH_SHIFT[(regs[RCTL >>> 2] >>> RCTL_MO_SHIFT) & 3]) & 0xfff;
  return (regs[(MTA >>> 2) + (hash >>> 5)] & (1 << (hash & 0x1f))) !== 0;
}
