/** What the walk over acknowledged buffers finds out. */
export class Cleaned {
  flag = 0;
  packets = 0;
  /** The last buffer was acknowledged as a whole. */
  fully = true;
  hasFirst = false;
  firstUs = 0;
  lastUs = 0;

  clear(): void {
    this.flag = 0;
    this.packets = 0;
    this.fully = true;
    this.hasFirst = false;
  }
}
