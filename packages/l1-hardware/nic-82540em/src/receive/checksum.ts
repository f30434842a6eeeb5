import { csumAdd, csumBlockAdd, csumFold, csumPseudo, csumSub } from '@stack/memory';
import type { DmaMemory } from '@stack/pci';
import {
  RXCSUM_IPOFL,
  RXCSUM_TUOFL,
  RXD_ERR_IPE,
  RXD_ERR_TCPE,
  RXD_STAT_IPCS,
  RXD_STAT_IXSM,
  RXD_STAT_TCPCS,
} from '../bits.ts';

const ETHERNET = 14;
const VLAN_TAG = 4;
const TYPE_IPV4 = 0x0800;
const TYPE_VLAN = 0x8100;
const FRAGMENT = 0x3fff;
const TCP = 6;
const UDP = 17;

/** What {@link verify} found: status bits in the low byte, error bits in the next. */
export type Verdict = number;
const UNCHECKED: Verdict = RXD_STAT_IXSM;

/**
 * Verifies the checksums of a frame whose first bytes lie at `at`, given the partial checksum of the whole frame, which
 * was made while copying it. Manual 3.2.9.
 */
export function verify(
  memory: DmaMemory,
  at: number,
  inMemory: number,
  length: number,
  sum: number,
  control: number,
): Verdict {
  const { view, u8, kernels } = memory;
  const ip = at + (view.getUint16(at + 12) === TYPE_VLAN ? ETHERNET + VLAN_TAG : ETHERNET);
  const type = view.getUint16(ip - 2);
  if (type !== TYPE_IPV4 || (control & (RXCSUM_IPOFL | RXCSUM_TUOFL)) === 0) return UNCHECKED;
  const ihl = (u8[ip] & 0x0f) << 2;
  const total = view.getUint16(ip + 2);
  if (u8[ip] >>> 4 !== 4 || ihl < 20 || total < ihl) return UNCHECKED;
  if (ip - at + total > length || ip - at + ihl > inMemory) return UNCHECKED;
  const header = addWords(view, ip, ip + ihl);
  let verdict: Verdict = 0;
  if ((control & RXCSUM_IPOFL) !== 0) verdict = RXD_STAT_IPCS | (csumFold(header) === 0 ? 0 : RXD_ERR_IPE << 8);
  const protocol = u8[ip + 9];
  if ((control & RXCSUM_TUOFL) === 0 || (protocol !== TCP && protocol !== UDP)) return verdict;
  if ((view.getUint16(ip + 6) & FRAGMENT) !== 0) return verdict;
  if (protocol === UDP && ip - at + ihl + 8 <= inMemory && view.getUint16(ip + ihl + 6) === 0) return verdict;
  const trailer = length - (ip - at) - total;
  if (trailer > 0 && length > inMemory) return verdict;
  let payload = csumSub(csumSub(sum, addWords(view, at, ip)), header);
  if (trailer > 0) payload = csumSub(payload, csumBlockAdd(0, kernels.checksum(ip + total, trailer, 0), total));
  const pseudo = csumPseudo(view.getInt32(ip + 12), view.getInt32(ip + 16), total - ihl, protocol);
  const good = csumFold(csumAdd(payload, pseudo)) === 0;
  return verdict | RXD_STAT_TCPCS | (good ? 0 : RXD_ERR_TCPE << 8);
}

/** Partial checksum of a few bytes, an even number: less than a call into machine code. */
function addWords(view: DataView, from: number, to: number): number {
  let sum = 0;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const two = view.getInt32(at);
    sum += (two >>> 16) + (two & 0xffff);
  }
  return at < to ? sum + view.getUint16(at) : sum;
}
