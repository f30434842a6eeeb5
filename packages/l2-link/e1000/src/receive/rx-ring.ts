import type { CoherentMemory } from '@stack/pci';
import type { SkBuff } from '@stack/skb';

/**
 * The receive ring: descriptors that the chip shares, and the buffer behind each. Slots from `nextToClean` to just
 * before `nextToUse` belong to the chip.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000.h struct e1000_rx_ring
 */
export class E1000RxRing {
  readonly count: number;
  /** Null while the device is closed. */
  memory: CoherentMemory | null = null;
  /** Where the CPU finds the first descriptor. */
  view!: DataView;
  base = 0;
  nextToUse = 0;
  nextToClean = 0;
  /** The block of memory behind each descriptor, 0 for none, and where the chip writes into it. */
  readonly block: Int32Array;
  readonly dma: Int32Array;
  /** A frame that goes on in the next descriptor. */
  skbTop: SkBuff | null = null;
  /** The rest of the frame is of no use. */
  discarding = false;

  constructor(count: number) {
    this.count = count;
    this.block = new Int32Array(count);
    this.dma = new Int32Array(count);
  }

  /** Slots that may be filled. @kernel drivers/net/ethernet/intel/e1000/e1000.h E1000_DESC_UNUSED() */
  get unused(): number {
    const { nextToClean, nextToUse } = this;
    return (nextToClean > nextToUse ? 0 : this.count) + nextToClean - nextToUse - 1;
  }
}
