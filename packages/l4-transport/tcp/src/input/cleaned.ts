/** What the walk over acknowledged buffers finds out. */
export class Cleaned {
  flag = 0;
  packets = 0;
  /** The last buffer was acknowledged as a whole. */
  fully = true;
  hasFirst = false;
  firstUs = 0;
  lastUs = 0;
  /** Lowest sequence number that was never retransmitted nor SACKed. */
  reord = 0;

  clear(highest: number): void {
    this.flag = 0;
    this.packets = 0;
    this.fully = true;
    this.hasFirst = false;
    this.reord = highest;
  }
}
