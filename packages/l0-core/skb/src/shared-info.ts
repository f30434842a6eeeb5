import type { Address } from '@stack/memory';
import { MAX_SKB_FRAGS } from './constants.ts';
import type { SkBuff } from './skbuff.ts';
import type { SharedBytes } from './zerocopy.ts';

/**
 * What all clones of a buffer share: the data's reference count, its fragments, and how to segment it.
 *
 * @kernel include/linux/skbuff.h struct skb_shared_info
 */
export class SharedInfo {
  /** Clones that use this head. */
  dataref = 1;
  /** Those of them that hold the payload only, see {@link SkBuff.headerRelease}. */
  payloadRefs = 0;
  nrFrags = 0;
  /** Each fragment holds one reference to the block that begins at `page`. */
  readonly fragPage = new Int32Array(MAX_SKB_FRAGS);
  /** Bytes from the beginning of the block. */
  readonly fragOffset = new Int32Array(MAX_SKB_FRAGS);
  readonly fragSize = new Int32Array(MAX_SKB_FRAGS);
  /** Further buffers, linked by `next`, whose data follow this one's. Owned. */
  fragList: SkBuff | null = null;
  /** Payload bytes of each segment; 0 when not to be segmented. */
  gsoSize = 0;
  gsoSegs = 0;
  /** SKB_GSO_* bits. */
  gsoType = 0;
  /** SKBTX_* bits: which transmit time stamps are asked for. */
  txFlags = 0;
  /** The byte, or the packet, whose time is asked for. */
  tskey = 0;
  /** Whose bytes the fragments are; told when the last buffer lets go of them. Holds one share. @kernel include/linux/skbuff.h skb_uarg() */
  uarg: SharedBytes | null = null;

  fragAddress(index: number): Address {
    return this.fragPage[index] + this.fragOffset[index];
  }
}
