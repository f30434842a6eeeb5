import type { BindBucket } from './bind-bucket.ts';
import type { Hashed } from './hash-table.ts';

/**
 * What full sockets, requests for a connection and connections in TIME_WAIT have in common: they are found by their
 * four-tuple. Addresses are int32, ports uint16; "r" is ours, "d" the peer's.
 *
 * @kernel include/net/sock.h struct sock_common
 */
export interface SockCommon extends Hashed<SockCommon> {
  /** TCP_*. Tells which of the three it is: TIME_WAIT, NEW_SYN_RECV, or any other for a full socket. */
  readonly state: number;
  readonly rcvSaddr: number;
  readonly daddr: number;
  /** Our port, as bound. */
  readonly boundPort: number;
  readonly dport: number;
  /** ifindex it is bound to, 0 for any. */
  readonly boundDevIf: number;
}

/** Who holds a local port: a full socket or one in TIME_WAIT. */
export interface PortOwner extends SockCommon {
  readonly reuse: boolean;
  readonly reuseport: boolean;
  /** @internal The bucket of its port, and its neighbours there. */
  bindBucket: BindBucket | null;
  bindNext: PortOwner | null;
  bindPrev: PortOwner | null;
}
