import type { Clock } from '@stack/clock';
import type { BsdSockets } from '@stack/socket';
import type { Liveness } from './liveness.ts';

/** What every socket and server of one host shares. */
export interface NetContext {
  readonly clock: Clock;
  readonly sockets: BsdSockets;
  readonly liveness: Liveness;
  /** The int32 address of a name, or null when nobody knows it. */
  resolve(name: string): number | null;
}
