import type { Flow4, Ipv4, IpOutput } from '@stack/ipv4';
import type { Clock } from '@stack/clock';
import type { SkbPool } from '@stack/skb';
import { ProtoMemory, type SockNet } from '@stack/sock';

/** What all sockets together may hold, in bytes: Linux takes an eighth of the machine's memory; this is that of 1 GB. */
const MEMORY_HIGH = 128 * 1024 * 1024;

/** What a datagram protocol has below it on one host. */
export interface DatagramFloor {
  readonly ip: IpOutput;
  readonly pool: SkbPool;
  readonly net: SockNet;
  readonly clock: Clock;
  /** For joining groups; null when the host's IP is none of ours. */
  readonly ipv4: Ipv4 | null;
}

/** A datagram protocol on one host: what its sockets share. */
export abstract class DatagramHome implements DatagramFloor {
  readonly protocol: number;
  readonly ip: IpOutput;
  readonly pool: SkbPool;
  readonly net: SockNet;
  readonly clock: Clock;
  readonly ipv4: Ipv4 | null;
  readonly memory = new ProtoMemory(MEMORY_HIGH / 2, (MEMORY_HIGH / 4) * 3, MEMORY_HIGH);
  /** @internal Where in the datagram in hand a peek begins. */
  peekAt = 0;
  /** @internal Where the datagram in hand goes. */
  readonly flow: Flow4;

  constructor(protocol: number, floor: DatagramFloor) {
    this.protocol = protocol;
    this.ip = floor.ip;
    this.pool = floor.pool;
    this.net = floor.net;
    this.clock = floor.clock;
    this.ipv4 = floor.ipv4;
    this.flow = { daddr: 0, saddr: 0, protocol, tos: 0, mark: 0, oif: 0 };
  }
}
