import type { NetDevice } from '@stack/netdev';
import { SkbQueue, type SkBuff } from '@stack/skb';
import { WheelTimer } from '@stack/softirq';
import { NUD_NONE } from './nud.ts';
import type { NeighParms } from './parms.ts';
import type { NeighTable } from './table.ts';

/** Sends a packet to a neighbour. Owns the skb; returns 0, NET_XMIT_* or a negative errno. */
export type NeighOutput = (neigh: Neighbour, skb: SkBuff) => number;

/** What differs between protocols and link layers. @kernel include/net/neighbour.h struct neigh_ops */
export interface NeighOps {
  /** Asks for the address; `skb` is a packet that waits for it, if there is one. Only reads it. */
  solicit(neigh: Neighbour, skb: SkBuff | null): void;
  /** The address could not be had: tells the sender of the packet, and drops it. */
  errorReport(neigh: Neighbour, skb: SkBuff): void;
  /** While the address may be wrong, and while it is right. */
  readonly output: NeighOutput;
  readonly connectedOutput: NeighOutput;
}

/** A host on the same link. @kernel include/net/neighbour.h struct neighbour */
export class Neighbour {
  readonly table: NeighTable;
  readonly dev: NetDevice;
  readonly parms: NeighParms;
  /** IPv4 address, int32. */
  readonly key: number;
  /** Link-layer address, meaningful when `state` is in NUD_VALID. */
  readonly ha: Uint8Array;
  /** NUD_*. */
  state = NUD_NONE;
  /** RTN_* of the address. */
  type = 0;
  ops!: NeighOps;
  output!: NeighOutput;
  /** In jiffies: last proof that it is there, last packet to it, last change. */
  confirmed: number;
  used: number;
  updated: number;
  /** Asked so many times without an answer. */
  probes = 0;
  /** No longer in the table. */
  dead = false;
  /** Packets that wait for the address, and their truesize. */
  readonly arpQueue = new SkbQueue();
  arpQueueLenBytes = 0;
  /** The complete link header in front of every packet, as 16 bytes that end where the packet begins; length 0: not known yet. */
  hhLen = 0;
  readonly hh = new Int32Array(4);
  readonly timer: WheelTimer;
  /** @internal In the hash chain. */
  hashNext: Neighbour | null = null;

  constructor(table: NeighTable, dev: NetDevice, key: number, parms: NeighParms, expire: (neigh: Neighbour) => void) {
    this.table = table;
    this.dev = dev;
    this.key = key;
    this.parms = parms;
    this.ha = new Uint8Array(dev.addrLen);
    this.timer = new WheelTimer(table.wheel, () => expire(this));
    this.used = this.updated = this.confirmed = table.wheel.jiffies;
  }
}
