import type { Rtable } from '@stack/ipv4';
import { TCP_TIME_WAIT, type BindBucket, type PortOwner, type SockCommon } from '@stack/sock';
import { WheelTimer, type TimerWheel } from '@stack/softirq';
import type { TcpProtocol } from '../protocol.ts';

/**
 * What is left of a connection that we closed first: enough to answer, and to keep its last segments from a new one.
 *
 * @kernel include/linux/tcp.h struct tcp_timewait_sock
 */
export class TcpTimewaitSock extends WheelTimer implements PortOwner {
  readonly tcp: TcpProtocol;
  readonly state = TCP_TIME_WAIT;
  /** FIN_WAIT2 while the peer's FIN is awaited, then TIME_WAIT. */
  substate = 0;
  rcvSaddr = 0;
  daddr = 0;
  boundPort = 0;
  dport = 0;
  boundDevIf = 0;
  reuse = false;
  reuseport = false;
  hash = -1;
  hashNext: SockCommon | null = null;
  hashPrev: SockCommon | null = null;
  bindBucket: BindBucket | null = null;
  bindNext: PortOwner | null = null;
  bindPrev: PortOwner | null = null;
  tos = 0;
  dst: Rtable | null = null;
  rcvNxt = 0;
  sndNxt = 0;
  rcvWnd = 0;
  rcvWscale = 0;
  tsOffset = 0;
  tsRecent = 0;
  tsRecentStamp = 0;
  lastOowTime = 0;
  /** The secret shared with the peer. */
  md5Key: Uint8Array | null = null;
  /** When the connection ended, in jiffies. */
  entered = 0;

  constructor(tcp: TcpProtocol, wheel: TimerWheel, expired: (this: TcpTimewaitSock) => void) {
    super(wheel, expired as () => void);
    this.tcp = tcp;
  }
}
