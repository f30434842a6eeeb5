/**
 * What a route says of the connections over it. Left out: nothing.
 *
 * @kernel include/uapi/linux/rtnetlink.h RTAX_INITCWND
 */
export interface RouteMetrics {
  /** Segments to begin with: those sent, and those that the first window offers. */
  readonly initcwnd?: number;
  readonly initrwnd?: number;
  /** Bytes of window at most. */
  readonly window?: number;
  /** Milliseconds of the shortest retransmission time-out. */
  readonly rtoMin?: number;
  /** Whether every segment is acknowledged at once. */
  readonly quickack?: boolean;
  /** The name of a congestion control. */
  readonly congctl?: string;
  /** Whether ECN is used whatever the host's setting. */
  readonly ecn?: boolean;
  /** Whether Fast Open needs no cookie. */
  readonly fastopenNoCookie?: boolean;
  /** Whether the network may not lower the MTU: packets may be fragmented. */
  readonly mtuLocked?: boolean;
}

export const NO_METRICS: RouteMetrics = Object.freeze({});
