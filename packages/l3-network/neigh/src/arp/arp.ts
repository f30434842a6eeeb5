import { Random } from '@stack/clock';
import type { NetCore } from '@stack/netdev';
import { token, type Undo } from '@stack/plugin';
import { neighPeriodicWork } from '../gc.ts';
import { NeighTable } from '../table.ts';
import { NO_HOST, type ArpHost } from './arp-host.ts';
import { arpFamily } from './constructor.ts';

/** ARP on one host. @kernel net/ipv4/arp.c arp_tbl */
export class ArpState {
  readonly core: NetCore;
  readonly table: NeighTable;
  /** The layer whose addresses are asked for. */
  host: ArpHost = NO_HOST;

  constructor(core: NetCore, random: Random) {
    this.core = core;
    this.table = new NeighTable('arp_cache', core, random, arpFamily(this), neighPeriodicWork);
  }

  /** Attaches the layer above. */
  serve(host: ArpHost): Undo {
    this.host = host;
    return () => {
      if (this.host === host) this.host = NO_HOST;
    };
  }
}

export type Arp = ArpState;
export const Arp = token<Arp>('Arp', 'add arp() of @stack/neigh to the host');
