import type { Clock } from '@stack/clock';
import type { Arena } from '@stack/memory';
import { token } from '@stack/plugin';
import type { SkbPool } from '@stack/skb';
import type { Cpus, TimerWheels } from '@stack/softirq';
import type { NetDevice } from './net-device.ts';

/**
 * The state of net/core for one host: devices, packet types, softnet data. The functions of this package take it from
 * their device (`dev.core`).
 */
export interface NetCore {
  readonly clock: Clock;
  readonly arena: Arena;
  readonly pool: SkbPool;
  readonly cpus: Cpus;
  readonly timers: TimerWheels;
  readonly devices: ReadonlyMap<string, NetDevice>;
}

export const NetCore = token<NetCore>('NetCore', 'add netdev() to the host');
