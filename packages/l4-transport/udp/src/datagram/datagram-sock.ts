import type { SkBuff } from '@stack/skb';
import { type ProtoMemory, skbTstampTx, Sock, SOCK_DGRAM, SockSettings } from '@stack/sock';
import type { DatagramHome } from './datagram-home.ts';
import type { Membership } from './membership.ts';

const UNSET = new SockSettings();

/** What sockets of all datagram protocols have in common. */
export abstract class DatagramSock<H extends DatagramHome = DatagramHome> extends Sock {
  readonly home: H;
  /** Of multicast datagrams sent: TTL, and device (ifindex). */
  mcTtl = 1;
  mcIndex = 0;
  /** Groups it joined; null before the first. */
  memberships: Membership[] | null = null;
  /** To and from whom the last datagram went that named its peer: `dstCache` is the way, unless connected. */
  lastDaddr = 0;
  lastSaddr = 0;

  constructor(home: H) {
    super(UNSET, home.net.rmemDefault, home.net.wmemDefault);
    this.home = home;
  }

  get type(): number {
    return SOCK_DGRAM;
  }

  get protocol(): number {
    return this.home.protocol;
  }

  get memory(): ProtoMemory {
    return this.home.memory;
  }

  tstampTx(skb: SkBuff, which: number): void {
    skbTstampTx(this, skb, which, skb.shinfo.tskey, this.home.clock.now());
  }
}
