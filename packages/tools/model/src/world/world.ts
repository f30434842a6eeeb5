import { seededRandom, virtualClock, type Random, type VirtualClock } from '@stack/clock';
import { forge } from '../actors/forge.ts';
import { HostilePeer } from '../actors/hostile-peer.ts';
import { chance } from '../choice.ts';
import type { Adversary, Plan, Scenario } from '../scenario/scenario.ts';
import { ModelHost, type Workshop } from './machine.ts';
import { ModelIp } from './model-ip.ts';
import { Tape } from './tape.ts';
import { Way } from './way.ts';

const ALICE = (10 << 24) | 1;
const BOB = (10 << 24) | 2;

/** How likely a device's queue is full, so that TCP has to send again later. */
const REFUSES = 0.002;
/** Then the meddler has had enough: a forged segment may call forth another. */
const MOST_FORGED = 100;

/** Two hosts and what lies between them, or one and an adversary. All of it is new for each run, except the memory. */
export class World {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly client: ModelHost;
  /** With a hostile peer it is there, and nobody talks to it. */
  readonly server: ModelHost;
  readonly tape: Tape | null;
  /** Segments that left a host. */
  segments = 0;

  constructor(scenario: Scenario, workshop: Workshop, taped: boolean) {
    this.clock = virtualClock();
    this.random = seededRandom(scenario.seed);
    this.tape = taped ? new Tape(this.clock) : null;
    const { arena } = workshop;
    const host = (name: string, address: number, peer: number, plan: Plan): ModelHost => {
      const made = new ModelHost(name, new ModelIp(address, peer, scenario.mtu), this.clock, this.random, arena);
      Object.assign(made.tcp.sysctl, plan.sysctl);
      return made;
    };
    this.client = host('client', ALICE, BOB, scenario.client);
    this.server = host('server', BOB, ALICE, scenario.server);
    this.#connect(scenario);
  }

  /** Gives everything back. Throws `ERR_STACK_LEAK` when something is still alive. */
  close(): void {
    this.client.container.close();
    this.server.container.close();
    this.client.pool.check();
    this.server.pool.check();
  }

  #connect(scenario: Scenario): void {
    const { clock, random, client, server, tape } = this;
    const forth = new Way(clock, random.fork('forth'), scenario.forth, client.ip, server.ip, tape);
    const back = new Way(clock, random.fork('back'), scenario.back, server.ip, client.ip, tape);
    const { adversary } = scenario;
    if (adversary?.place === 'peer') this.#facePeer(adversary, back);
    else {
      this.#join(client.ip, forth, back, adversary);
      this.#join(server.ip, back, forth, adversary);
    }
    if (!scenario.benign) this.#refuseSometimes();
  }

  #join(from: ModelIp, way: Way, back: Way, adversary: Adversary | null): void {
    const random = this.random.fork(`meddler ${from.address}`);
    let left = MOST_FORGED;
    from.transmit = (bytes, ecn) => {
      this.segments++;
      way.carry(bytes, ecn);
      if (adversary === null || left === 0 || !chance(random, adversary.zeal * 0.3)) return;
      left--;
      // What is sent back is given the sender's own numbers: an echo of what it said.
      (chance(random, 0.9) ? way : back).carry(forge(random, bytes), ecn, 'forged');
    };
  }

  #facePeer(adversary: Adversary, back: Way): void {
    const peer = new HostilePeer(this.clock, this.random.fork('peer'), adversary, (bytes) =>
      back.carry(bytes, 0, 'hostile'),
    );
    this.client.ip.transmit = (bytes, ecn) => {
      this.segments++;
      this.tape?.note(bytes, ALICE, BOB, ecn, '');
      peer.hear(bytes);
    };
  }

  #refuseSometimes(): void {
    const random = this.random.fork('devices');
    for (const { ip } of [this.client, this.server]) ip.refuses = () => chance(random, REFUSES);
  }
}
