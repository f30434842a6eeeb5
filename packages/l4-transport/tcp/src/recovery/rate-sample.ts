/** How fast data was delivered, as of one ACK. Counts are in segments, times in microseconds; valid while `delivered` and `intervalUs` are not negative. @kernel include/net/tcp.h struct rate_sample */
export class RateSample {
  /** When and how much had been delivered when the newest segment now acknowledged was sent; microseconds. */
  priorUs = 0;
  priorDelivered = 0;
  hasPrior = false;
  delivered = 0;
  intervalUs = 0;
  sendIntervalUs = 0;
  rttUs = -1;
  ackedSacked = 0;
  losses = 0;
  priorInFlight = 0;
  lastEndSeq = 0;
  isAppLimited = false;
  isRetrans = false;
  isAckDelayed = false;

  clear(): void {
    this.priorUs = 0;
    this.priorDelivered = 0;
    this.hasPrior = false;
    this.delivered = 0;
    this.intervalUs = 0;
    this.sendIntervalUs = 0;
    this.rttUs = -1;
    this.ackedSacked = 0;
    this.losses = 0;
    this.priorInFlight = 0;
    this.isAppLimited = false;
    this.isRetrans = false;
    this.isAckDelayed = false;
  }
}
