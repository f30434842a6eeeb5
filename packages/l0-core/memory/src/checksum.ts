/**
 * Arithmetic of the Internet checksum. A partial sum is any unsigned 32-bit number, kept as int32, that is
 * congruent to the sum of the 16-bit words in network byte order.
 *
 * @rfc 1071
 */

/** Adds two partial sums with end-around carry. @kernel include/net/checksum.h csum_add() */
export function csumAdd(a: number, b: number): number {
  const sum = (a >>> 0) + (b >>> 0);
  return sum > 0xffffffff ? (sum + 1) | 0 : sum | 0;
}

/** Takes one partial sum out of another. @kernel include/net/checksum.h csum_sub() */
export function csumSub(a: number, b: number): number {
  return csumAdd(a, ~b);
}

/** Adds the sum of a block that begins `offset` bytes further on: at an odd offset its bytes change places. */
export function csumBlockAdd(sum: number, block: number, offset: number): number {
  return csumAdd(sum, offset & 1 ? (block << 8) | (block >>> 24) : block);
}

/** The 16-bit checksum field of a partial sum: folded and complemented. @kernel include/asm-generic/checksum.h csum_fold() */
export function csumFold(sum: number): number {
  let folded = (sum & 0xffff) + (sum >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}

/**
 * Partial sum of the pseudo-header. Addresses as int32, `length` of the transport header and its data.
 *
 * @kernel include/asm-generic/checksum.h csum_tcpudp_nofold()
 */
export function csumPseudo(source: number, destination: number, length: number, protocol: number): number {
  return csumAdd(csumAdd(source, destination), length + protocol);
}
