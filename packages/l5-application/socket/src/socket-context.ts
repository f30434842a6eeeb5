import type { Clock } from '@stack/clock';
import type { NetCore } from '@stack/netdev';
import type { SockNet } from '@stack/sock';
import type { Cpu } from '@stack/softirq';

/** What all sockets of a host need: where their calls run, and what the host has. */
export interface SocketContext {
  readonly clock: Clock;
  /** Calls are process context on this CPU. */
  readonly cpu: Cpu;
  readonly net: SockNet;
  readonly core: NetCore;
}
