import { USEC } from '@stack/clock';
import { Disk } from '../files/disk.ts';
import type { Config } from '../network/config.ts';
import { Connections } from '../network/connections.ts';
import type { TestNetwork } from '../network/test-network.ts';
import { PythonMemory } from '../python/run-code.ts';
import { PacketLog } from '../report/packet-log.ts';
import { RememberedSysctls } from '../shell/remembered-sysctls.ts';
import type { Setting } from '../shell/sysctl-names.ts';
import { Descriptors } from '../syscalls/descriptors.ts';
import type { BlockedCall } from './blocked-call.ts';
import { eventLoopTurn } from './turn.ts';

/** A running script: the host under test, its time, and what the script knows of it. */
export class Session {
  readonly config: Config;
  readonly network: TestNetwork;
  readonly connections: Connections;
  readonly descriptors = new Descriptors();
  readonly disk = new Disk();
  readonly log = new PacketLog();
  /** Of the script's code. */
  readonly memory = new PythonMemory();
  readonly output: string[] = [];
  /** Settings that the script means to restore, with their values before. */
  readonly changedSettings: { readonly setting: Setting; readonly before: string }[] = [];
  /** Counters as nstat has shown them last. */
  shownCounters: Readonly<Record<string, number>> = {};
  /** Memory of the application that belongs to sockets: bytes by address. */
  readonly mappings = new Map<number, number>();
  readonly sysctls = new RememberedSysctls();
  /** What segments are signed with. */
  md5Key: Uint8Array = new Uint8Array(0);
  /** The call that has not returned, if any. */
  blocked: BlockedCall | null = null;
  readonly #start: number;

  constructor(config: Config, network: TestNetwork) {
    this.config = config;
    this.network = network;
    this.connections = new Connections(config);
    this.#start = network.clock.now();
  }

  /** Microseconds since the script began. */
  get now(): number {
    return this.sinceStart(this.network.clock.now());
  }

  /** A time of the clock as microseconds since the script began. */
  sinceStart(at: number): number {
    return (at - this.#start) / USEC;
  }

  /** Lets everything happen that is due now, also in a call that blocks; sorts what was sent. */
  async settle(): Promise<void> {
    const { clock, tun } = this.network;
    clock.drain();
    while (this.blocked !== null) {
      await eventLoopTurn();
      this.blocked?.check(this);
      if (clock.idle) break;
      clock.drain();
    }
    for (const emitted of tun.sent.splice(0)) this.connections.sort(emitted);
  }

  /** Moves on to the next timer, up to `limit` in microseconds since the script began. False when there is none. */
  async step(limit: number): Promise<boolean> {
    const moved = this.network.clock.step(this.#start + limit * USEC);
    await this.settle();
    return moved;
  }

  /** Runs until then. */
  async advanceTo(at: number): Promise<void> {
    await this.settle();
    while (await this.step(at));
    this.network.clock.runUntil(this.#start + at * USEC);
  }
}
