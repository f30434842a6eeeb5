/** What is learnt while the scoreboard is walked for one ACK. @kernel net/ipv4/tcp_input.c struct tcp_sacktag_state */
export class SacktagState {
  /** When the first and last segment newly SACKed, never retransmitted, were sent; microseconds. */
  firstUs = 0;
  lastUs = 0;
  hasFirst = false;
  /** Lowest sequence number SACKed out of order that was never retransmitted: reordering. */
  reord = 0;
  flag = 0;
  /** Payload that is newly SACKed or acknowledged. */
  deliveredBytes = 0;

  clear(highest: number): void {
    this.firstUs = 0;
    this.lastUs = 0;
    this.hasFirst = false;
    this.reord = highest;
    this.flag = 0;
    this.deliveredBytes = 0;
  }
}
