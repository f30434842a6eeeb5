import type { EcnState } from './ecn/ecn-state.ts';
import type { FastOpenState } from './fastopen/state.ts';
import type { RequestQueue } from './listen/request-queue.ts';
import type { MtuProbing } from './mtu/state.ts';
import type { PacingState } from './pacing/pacing-state.ts';
import type { SockTimer } from './timers/sock-timer.ts';
import type { UrgentState } from './urgent/state.ts';

/** What few connections have. Made with the first of them, so that the thousands that wait are small. */
export class Extras {
  /** Made when congestion notification is asked for or agreed. */
  ecn: EcnState | null = null;
  /** Made when the socket is to keep a pace. */
  pacing: PacingState | null = null;
  /** Of a connection that uses Fast Open. */
  fastOpen: FastOpenState | null = null;
  /** Of one that has urgent data. */
  urgent: UrgentState | null = null;
  /** Of one that searches for a larger MTU. */
  mtup: MtuProbing | null = null;
  /** Of a listener. */
  requests: RequestQueue | null = null;
  /** Made when first armed. */
  keepTimer: SockTimer | null = null;
}
