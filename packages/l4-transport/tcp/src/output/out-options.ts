import type { FastOpenCookie } from '../fastopen/cookie.ts';

export const OPTION_SACK_ADVERTISE = 1 << 0;
export const OPTION_TS = 1 << 1;
export const OPTION_WSCALE = 1 << 3;
export const OPTION_ACCECN = 1 << 15;

/** Options of the segment that is being built. @kernel net/ipv4/tcp_output.c struct tcp_out_options */
export class OutOptions {
  /** OPTION_* bits. */
  bits = 0;
  /** 0: none. */
  mss = 0;
  wscale = 0;
  tsval = 0;
  tsecr = 0;
  sackBlocks = 0;
  /** Counters that the AccECN option has, if there is one, and the bytes they count. */
  accecnFields = 0;
  ecnBytes = new Uint32Array(0);
  fastOpen: FastOpenCookie | null = null;
  /** The key to sign with. */
  md5Key: Uint8Array | null = null;

  clear(): void {
    this.bits = 0;
    this.mss = 0;
    this.sackBlocks = 0;
    this.fastOpen = null;
    this.md5Key = null;
  }
}
