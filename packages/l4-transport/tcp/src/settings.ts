import { SockSettings } from '@stack/sock';

/** What the application set on a TCP socket. Times in jiffies, 0 where the sysctl holds. */
export class TcpSettings extends SockSettings {
  readonly keepaliveTime: number = 0;
  readonly keepaliveIntvl: number = 0;
  readonly keepaliveProbes: number = 0;
  readonly synRetries: number = 0;
  readonly userTimeout: number = 0;
  /** -1: closes at once. */
  readonly linger2: number = 0;
  /** Largest segment, from TCP_MAXSEG; 0: not set. */
  readonly userMss: number = 0;
  readonly notsentLowat: number = 0;
  /** SO_MAX_PACING_RATE, bytes a second. */
  readonly maxPacingRate: number = Number.MAX_SAFE_INTEGER;
}
