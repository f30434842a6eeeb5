import type { Nanoseconds } from '@stack/clock';
import { StackError, token, type Faults, type Undo } from '@stack/plugin';
import type { Cpus } from '@stack/softirq';
import { strictHook, wrongHook } from './ask.ts';
import { HookEntry, NF_INET_NUMHOOKS, ReusableState, type HookChain, type NetfilterHook } from './hook.ts';
import { dropQueued, type QueuedPacket, type QueueHandler, type QueueServer } from './queue.ts';
import { UserQueue, type UserHandler, type UserQueueOptions } from './user-queue.ts';
import { NF_ACCEPT } from './verdict.ts';

/** Numbers of a hook for users, see {@link Netfilter.statistics}. */
export interface HookStatistics {
  readonly name: string;
  readonly hook: number;
  readonly priority: number;
  readonly packets: number;
  readonly dropped: number;
  readonly accepted: number;
  readonly stolen: number;
  readonly queued: number;
  readonly repeated: number;
  /** Time spent in the hook while the {@link Netfilter.stopwatch} ran. */
  readonly nanoseconds: Nanoseconds;
}

/** The hooks and queues of one host. @kernel include/net/netns/netfilter.h struct netns_nf */
export class Netfilter {
  /** By hook point; null when nobody asks there, which is what the packet path tests. */
  readonly chains = new Array<HookChain | null>(NF_INET_NUMHOOKS).fill(null);
  readonly cpus: Cpus;
  readonly faults: Faults;
  /**
   * Tells the time to whoever wants to know how long hooks take: `() => performance.now() * 1e6`. The host's own clock does
   * not move while a hook runs, so it is none unless set.
   */
  stopwatch: (() => Nanoseconds) | null = null;
  /** @internal States in use, one for each hook that is being asked inside another. */
  readonly states: ReusableState[] = [];
  /** @internal */
  depth = 0;
  /** @internal */
  readonly handlers = new Map<number, QueueServer>();
  /** @internal Packets whose verdict is awaited. */
  readonly queued = new Set<QueuedPacket>();

  constructor(cpus: Cpus, faults: Faults) {
    this.cpus = cpus;
    this.faults = faults;
  }

  /**
   * Adds a hook. Throws `ERR_STACK_HOOK` for a point that does not exist.
   *
   * @kernel net/netfilter/core.c nf_register_net_hook()
   */
  register(ops: NetfilterHook): Undo {
    const wrong = wrongHook(ops);
    if (wrong !== null) {
      throw new StackError(
        'ERR_STACK_HOOK',
        `hook ${ops.name} ${wrong}`,
        'use NF_INET_PRE_ROUTING to NF_INET_POST_ROUTING and an integer such as NF_IP_PRI_FILTER',
      );
    }
    const part = this.faults.part(`hook ${ops.name}`);
    const entry = new HookEntry(this.faults.strict ? strictHook(ops, part) : ops, part);
    const chain = this.chains[ops.hook] ?? [];
    const before = chain.filter((other) => other.ops.priority < ops.priority);
    this.chains[ops.hook] = [...before, entry, ...chain.slice(before.length)];
    return () => this.#unregister(entry);
  }

  /** Adds several hooks, or none if one of them is wrong; one undo for all. @kernel net/netfilter/core.c nf_register_net_hooks() */
  registerAll(hooks: readonly NetfilterHook[]): Undo {
    const undos: Undo[] = [];
    const undo = (): void => {
      while (undos.length > 0) undos.pop()!();
    };
    try {
      for (const ops of hooks) undos.push(this.register(ops));
    } catch (error) {
      undo();
      throw error;
    }
    return undo;
  }

  /** Packets that wait for a verdict in its chain are dropped, as in Linux. @kernel net/netfilter/core.c nf_unregister_net_hook() */
  #unregister(entry: HookEntry): void {
    if (this.#remove(entry)) dropQueued(this, (packet) => packet.chain.includes(entry));
  }

  #remove(entry: HookEntry): boolean {
    const chain = this.chains[entry.ops.hook];
    if (chain === null || !chain.includes(entry)) return false;
    const rest = chain.filter((other) => other !== entry);
    this.chains[entry.ops.hook] = rest.length === 0 ? null : rest;
    return true;
  }

  /** @internal Takes a hook out that failed. Packets under way in its old chain pass it by. */
  takeOut(entry: HookEntry): void {
    this.#remove(entry);
    const { name, hook, priority } = entry.ops;
    entry.ops = { name, hook, priority, fn: () => NF_ACCEPT };
  }

  /**
   * Serves queue `number` (0 to 65,535): packets with the verdict NF_QUEUE_NR(number) go to `handler`. The undo drops
   * those that still wait. Throws `ERR_STACK_QUEUE_TAKEN`.
   *
   * @kernel net/netfilter/nf_queue.c nf_register_queue_handler()
   */
  queueHandler(number: number, handler: QueueHandler): Undo {
    if (this.handlers.has(number)) {
      throw new StackError('ERR_STACK_QUEUE_TAKEN', `queue ${number} has a handler`, 'take another queue number');
    }
    const server: QueueServer = { serve: handler, part: this.faults.part(`handler of queue ${number}`) };
    this.handlers.set(number, server);
    return () => {
      if (this.handlers.get(number) !== server) return;
      this.handlers.delete(number);
      dropQueued(this, (packet) => packet.queue === number);
    };
  }

  /**
   * Serves queue `number` with a function that may take its time: it gets a copy of each packet and answers with a verdict,
   * or with a packet instead, now or as a promise. Throws `ERR_STACK_QUEUE_TAKEN`.
   *
   * @kernel net/netfilter/nfnetlink_queue.c instance_create()
   */
  userQueue(number: number, handler: UserHandler, options: UserQueueOptions = {}): UserQueue {
    return new UserQueue(this, number, handler, options);
  }

  /** All hooks in the order in which they are asked, point by point. */
  statistics(): HookStatistics[] {
    return this.chains
      .flatMap((chain) => chain ?? [])
      .map(({ ops, verdicts, nanoseconds }) => ({
        name: ops.name,
        hook: ops.hook,
        priority: ops.priority,
        packets: verdicts.reduce((sum, count) => sum + count),
        dropped: verdicts[0],
        accepted: verdicts[1],
        stolen: verdicts[2],
        queued: verdicts[3],
        repeated: verdicts[4],
        nanoseconds,
      }));
  }

  /** Drops all packets that wait for a verdict. */
  close(): void {
    dropQueued(this, () => true);
  }
}

export type NetfilterHooks = Netfilter;
export const NetfilterHooks = token<NetfilterHooks>('NetfilterHooks', 'add netfilter() to the host');
