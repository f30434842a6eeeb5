import type { CoherentMemory } from '@stack/pci';
import type { SkBuff } from '@stack/skb';

/**
 * The transmit ring: descriptors that the chip shares, and what the driver remembers of each, in parallel arrays.
 * Slots from `nextToClean` to just before `nextToUse` belong to the chip; one is never used, so that a full ring is no
 * empty one.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000.h struct e1000_tx_ring
 */
export class E1000TxRing {
  readonly count: number;
  /** Null while the device is closed. */
  memory: CoherentMemory | null = null;
  /** Where the CPU finds the first descriptor. */
  view!: DataView;
  base = 0;
  nextToUse = 0;
  nextToClean = 0;
  /** In the slot of a packet's last descriptor. */
  readonly skb: (SkBuff | null)[];
  /** 0 for a slot that lends no memory: a context. */
  readonly dma: Int32Array;
  readonly length: Int32Array;
  /** In the slot of a packet's first descriptor: the slot of its last one. */
  readonly nextToWatch: Int32Array;
  /** In the last slot: frames and bytes on the wire. */
  readonly segs: Int32Array;
  readonly bytecount: Int32Array;

  constructor(count: number) {
    this.count = count;
    this.skb = new Array<SkBuff | null>(count).fill(null);
    this.dma = new Int32Array(count);
    this.length = new Int32Array(count);
    this.nextToWatch = new Int32Array(count);
    this.segs = new Int32Array(count);
    this.bytecount = new Int32Array(count);
  }

  /** Slots that may be filled. @kernel drivers/net/ethernet/intel/e1000/e1000.h E1000_DESC_UNUSED() */
  get unused(): number {
    const { nextToClean, nextToUse } = this;
    return (nextToClean > nextToUse ? 0 : this.count) + nextToClean - nextToUse - 1;
  }
}
