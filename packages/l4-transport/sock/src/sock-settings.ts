import { IP_PMTUDISC_WANT, type IpSettings } from '@stack/ipv4';
import type { SkBuff } from '@stack/skb';

/** A function of the user's: how many bytes of the packet the socket may see; 0 drops it. */
export type SocketFilter = (skb: SkBuff) => number;

/** Ancillary data wanted with each message: bits of {@link SockSettings.cmsgFlags}. @kernel include/net/ip.h IP_CMSG_TTL */
export const IP_CMSG_PKTINFO = 1 << 0;
export const IP_CMSG_TTL = 1 << 1;
export const IP_CMSG_TOS = 1 << 2;
export const IP_CMSG_ORIGDSTADDR = 1 << 6;

/**
 * What the application set on a socket. Never changed in place: all sockets of a protocol begin with the same one, a
 * connection shares its listener's, and one who changes something gets a copy. So thousands of connections cost one.
 */
export class SockSettings implements IpSettings {
  readonly tos: number = 0;
  /** -1: the host's default. */
  readonly ttl: number = -1;
  readonly minTtl: number = 0;
  readonly pmtudisc: number = IP_PMTUDISC_WANT;
  readonly mark: number = 0;
  readonly priority: number = 0;
  readonly ipOptions: Uint8Array | null = null;
  /** Bytes that must wait before the socket counts as readable. */
  readonly rcvlowat: number = 1;
  readonly reuse: boolean = false;
  readonly reuseport: boolean = false;
  readonly keepOpen: boolean = false;
  readonly broadcast: boolean = false;
  /** SO_OOBINLINE: urgent data are read like all others. */
  readonly oobInline: boolean = false;
  /** IP_CMSG_*. */
  readonly cmsgFlags: number = 0;
  /** IP_FREEBIND or IP_TRANSPARENT: any address will do for `bind`. */
  readonly freebind: boolean = false;
  readonly transparent: boolean = false;
  /** IP_BIND_ADDRESS_NO_PORT: `bind` to port 0 leaves the choice to `connect`. */
  readonly bindNoPort: boolean = false;
  /** IP_LOCAL_PORT_RANGE: bounds of the ports that are chosen, 0 where the host's hold. */
  readonly portLow: number = 0;
  readonly portHigh: number = 0;
  /** IP_RECVERR: every ICMP error is told of. */
  readonly recvErr: boolean = false;
  /** SO_ZEROCOPY. */
  readonly zerocopy: boolean = false;
  /** SO_TIMESTAMPING: SOF_TIMESTAMPING_* bits. */
  readonly timestamping: number = 0;
  /** SO_TIMESTAMP (1) or SO_TIMESTAMPNS (2): when what is read came in. */
  readonly rxStamp: number = 0;
  /** SO_TXTIME: the clock and flags of departure times that come with messages; null: none do. */
  readonly txtime: readonly [number, number] | null = null;
  /** SO_PEEK_OFF: where the next MSG_PEEK begins; -1 when all begin at the same byte. */
  readonly peekOff: number = -1;
  /** SO_LINGER: seconds, -1 when off. */
  readonly linger: number = -1;
  /** SO_RCVTIMEO and SO_SNDTIMEO: milliseconds that a call may wait, Infinity for ever. */
  readonly receiveTimeout: number = Infinity;
  readonly sendTimeout: number = Infinity;
  /** Options that say how a machine works that is not this one: remembered, by name. */
  readonly remembered: Readonly<Record<number, number>> = {};
  readonly filter: SocketFilter | null = null;

  /** A copy in which `changes` hold. */
  with(changes: Partial<this>): this {
    const copy = new (this.constructor as new () => this)();
    return Object.assign(copy, this, changes);
  }
}
