/**
 * The time stamp of the segment that is being processed. One for all connections: none of them looks at it later.
 *
 * @kernel include/linux/tcp.h struct tcp_options_received @rfc 7323 3
 */
export class HeardStamp {
  /** Whether there is one; the others are 0 when not. */
  seen = false;
  /** The peer's clock. */
  val = 0;
  /** Ours, as the peer echoes it, without the connection's offset; 0: it echoes none. */
  ecr = 0;

  set(val: number, ecr: number, offset: number): void {
    this.seen = true;
    this.val = val;
    this.ecr = ecr === 0 ? 0 : (ecr - offset) | 0;
  }

  clear(): void {
    this.seen = false;
    this.val = 0;
    this.ecr = 0;
  }
}
