import { INET_ECN_MASK } from '../constants.ts';

const CE = 3;

/** The ECN field of one fragment as a bit. @kernel net/ipv4/inet_fragment.c ip4_frag_ecn() */
export function ip4FragEcn(tos: number): number {
  return 1 << (tos & INET_ECN_MASK);
}

const NOT_ECT = 1;
const SAW_CE = 1 << CE;

/**
 * The ECN bits to set in a datagram whose fragments had those in `seen`; -1 when some were capable of ECN and some were
 * marked as not.
 *
 * @kernel net/ipv4/inet_fragment.c ip_frag_ecn_table
 * @rfc 3168 5.3
 */
export function ipFragEcn(seen: number): number {
  if ((seen & NOT_ECT) !== 0 && (seen & SAW_CE) !== 0) return -1;
  return (seen & SAW_CE) !== 0 ? CE : 0;
}
