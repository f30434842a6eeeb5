import { SockSettings } from '@stack/sock';
import type { FastOpenKeys } from './fastopen/keys.ts';
import type { Md5Key } from './md5/keys.ts';

/** What the application set on a TCP socket. Times in jiffies, 0 where the sysctl holds. */
export class TcpSettings extends SockSettings {
  readonly keepaliveTime: number = 0;
  readonly keepaliveIntvl: number = 0;
  readonly keepaliveProbes: number = 0;
  readonly synRetries: number = 0;
  readonly userTimeout: number = 0;
  /** TCP_RTO_MAX_MS, TCP_RTO_MIN_US and TCP_DELACK_MAX_US. */
  readonly rtoMax: number = 0;
  readonly rtoMin: number = 0;
  readonly delackMax: number = 200;
  /** TCP_THIN_LINEAR_TIMEOUTS: time-outs of a flow with few segments do not grow. */
  readonly thinTimeouts: boolean = false;
  /** -1: closes at once. */
  readonly linger2: number = 0;
  /** Largest segment, from TCP_MAXSEG; 0: not set. */
  readonly userMss: number = 0;
  readonly notsentLowat: number = 0;
  /** SO_MAX_PACING_RATE, bytes a second. */
  readonly maxPacingRate: number = Number.MAX_SAFE_INTEGER;
  /** TCP_DEFER_ACCEPT: how often SYN-ACK may time out before a connection without data is accepted. */
  readonly deferAccept: number = 0;
  /** TCP_SAVE_SYN: 1 keeps the headers from IP on, 2 from Ethernet on. */
  readonly saveSyn: number = 0;
  /** TCP_MD5SIG: secrets shared with peers, those of the smallest networks first. */
  readonly md5Keys: readonly Md5Key[] | null = null;
  /** TCP_TX_DELAY: nanoseconds for which a queueing discipline that can (fq) holds each packet. */
  readonly txDelay: number = 0;
  /** TCP_INQ. */
  readonly recvInq: boolean = false;
  /** Fast Open: how many may begin early at a listener, its keys (null: the host's), and what the user chose. */
  readonly fastopenBacklog: number = 0;
  readonly fastopenKeys: FastOpenKeys | null = null;
  readonly fastopenConnect: boolean = false;
  readonly fastopenNoCookie: boolean = false;
}
