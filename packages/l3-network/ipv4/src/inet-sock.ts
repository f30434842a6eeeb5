import type { SkbSock } from '@stack/skb';
import type { Rtable } from './rtable.ts';

/** IP_PMTUDISC_*. @kernel include/uapi/linux/in.h */
export const IP_PMTUDISC_DONT = 0;
export const IP_PMTUDISC_WANT = 1;
export const IP_PMTUDISC_DO = 2;
export const IP_PMTUDISC_PROBE = 3;
export const IP_PMTUDISC_INTERFACE = 4;
export const IP_PMTUDISC_OMIT = 5;

/** What the application set for all packets of a socket. Never changed in place: sockets share it. */
export interface IpSettings {
  /** TOS byte; TTL, -1 for the host's default; IP_PMTUDISC_*. */
  readonly tos: number;
  readonly ttl: number;
  readonly pmtudisc: number;
  readonly mark: number;
  readonly priority: number;
  /** IP options to send, at most 40 bytes, a multiple of 4; null for none. */
  readonly ipOptions: Uint8Array | null;
}

/**
 * What IPv4 needs to know of a socket to send for it. `@stack/sock` has the whole.
 *
 * @kernel include/net/inet_sock.h struct inet_sock
 */
export interface InetSock extends SkbSock {
  readonly protocol: number;
  /** int32; `saddr` is 0 until chosen. */
  saddr: number;
  daddr: number;
  sport: number;
  dport: number;
  readonly settings: IpSettings;
  /** Next IP id for packets that may be fragmented. */
  inetId: number;
  /** ifindex, 0 for any. */
  boundDevIf: number;
  /** The route in use. Check it with `IpOutput.skDstCheck`. */
  dstCache: Rtable | null;
}
