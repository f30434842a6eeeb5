/** What can be set of CUBIC on a host: /sys/module/tcp_cubic/parameters. @kernel net/ipv4/tcp_cubic.c hystart */
export class CubicParams {
  /** Whether slow start is left early. */
  hystart = true;
  /** By what: 1 trains of ACKs, 2 growing round trips. */
  hystart_detect = 3;
  /** Windows below this are left to slow start, in segments. */
  hystart_low_window = 16;
  /** ACKs closer together than this are of one train, microseconds. */
  hystart_ack_delta_us = 2000;
  /** A window that did not reach the last one makes room for newcomers. */
  fast_convergence = true;
  /** Threshold of slow start to begin with, without HyStart; 0: none. */
  initial_ssthresh = 0;
  /** Be as fast as Reno would be. */
  tcp_friendliness = true;
}

export const HYSTART_ACK_TRAIN = 1;
export const HYSTART_DELAY = 2;
