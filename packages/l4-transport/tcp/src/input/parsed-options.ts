import { FastOpenCookie } from '../fastopen/cookie.ts';

/** Options of a SYN, or of a segment for a connection without a full socket. @kernel include/linux/tcp.h struct tcp_options_received */
export class ParsedOptions {
  mss = 0;
  wscaleOk = false;
  wscale = 0;
  sackOk = false;
  sawTstamp = false;
  tsval = 0;
  tsecr = 0;
  /** Where the SACK option's blocks begin, in bytes from the TCP header; 0: none. */
  sackAt = 0;
  /** The same for the AccECN option itself. */
  accecnAt = 0;
  readonly fastOpen = new FastOpenCookie();

  clear(): void {
    this.mss = 0;
    this.wscaleOk = false;
    this.wscale = 0;
    this.sackOk = false;
    this.sawTstamp = false;
    this.tsval = 0;
    this.tsecr = 0;
    this.sackAt = 0;
    this.accecnAt = 0;
    this.fastOpen.clear();
  }
}
