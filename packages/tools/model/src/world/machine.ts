import { Clock, Random, type VirtualClock } from '@stack/clock';
import { CheckingArena, Memory } from '@stack/memory';
import { Container, type Plugin } from '@stack/plugin';
import { CheckingSkbPool, Skbs } from '@stack/skb';
import { InetProtosws, SOCK_STREAM, sockets } from '@stack/sock';
import { Smp, softirqs } from '@stack/softirq';
import { Tcp, tcp, TcpMib, type TcpProtocol, type TcpSock } from '@stack/tcp';
import { modelIp, type ModelIp } from './model-ip.ts';

const IPPROTO_TCP = 6;
/** Where the counter is among TCP's: asking for all by name takes longer than many a run. */
const RETRANS_SEGS = Object.keys(new TcpMib().snapshot()).indexOf('TcpRetransSegs');
const MEMORY = 16 * 1024 * 1024;

/** Memory outlives a run: it is costly to make, and a run leaves nothing in it. */
export class Workshop {
  #arena = new CheckingArena(MEMORY);

  get arena(): CheckingArena {
    return this.#arena;
  }

  /** After a run that failed: what it left is not the next one's. */
  renew(): void {
    this.#arena = new CheckingArena(MEMORY);
  }
}

/** A host with TCP and nothing below it but a {@link ModelIp}. */
export class ModelHost {
  readonly ip: ModelIp;
  readonly pool: CheckingSkbPool;
  readonly container: Container;
  readonly tcp: TcpProtocol;

  constructor(name: string, ip: ModelIp, clock: VirtualClock, random: Random, arena: CheckingArena) {
    this.ip = ip;
    this.pool = new CheckingSkbPool(arena);
    this.container = new Container(name);
    this.container.faults.strict = true;
    const surroundings: Plugin = {
      name: 'machine',
      provide: (provider) => {
        provider.bind(Clock, () => clock);
        provider.bind(Random, () => random.fork(name));
        provider.bind(Memory, () => arena);
        provider.bind(Skbs, () => this.pool);
      },
    };
    this.container.use([surroundings, softirqs({ name, cpus: 1 }), modelIp(ip), sockets(), tcp()]);
    ip.cpus = this.container.get(Smp);
    ip.pool = this.pool;
    this.tcp = this.container.get(Tcp);
  }

  /** TcpRetransSegs. */
  get retransmitted(): number {
    return this.tcp.mib.tcp[RETRANS_SEGS];
  }

  socket(): TcpSock {
    return this.container.get(InetProtosws).find(SOCK_STREAM, IPPROTO_TCP)!.create() as TcpSock;
  }
}
