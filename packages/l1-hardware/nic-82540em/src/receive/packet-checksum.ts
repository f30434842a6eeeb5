import { csumFold, csumSub } from '@stack/memory';
import type { DmaMemory } from '@stack/pci';

/**
 * The checksum that the descriptor reports: of everything from byte `start` (RXCSUM.PCSS) on, not complemented, as the
 * little-endian field shows it. Manual 13.4.56.
 */
export function packetChecksum(memory: DmaMemory, at: number, inMemory: number, sum: number, start: number): number {
  const skipped = start === 0 ? 0 : memory.kernels.checksum(at, Math.min(start, inMemory), 0);
  const folded = ~csumFold(csumSub(sum, skipped)) & 0xffff;
  const network = (start & 1) === 0 ? folded : swap(folded);
  return swap(network);
}

function swap(word: number): number {
  return ((word & 0xff) << 8) | (word >>> 8);
}
