import { StackError, token, type Undo } from '@stack/plugin';
import type { Cpus } from '@stack/softirq';
import { HookEntry, NF_INET_NUMHOOKS, ReusableState, type HookChain, type NetfilterHook } from './hook.ts';
import { dropQueued, type QueuedPacket, type QueueHandler } from './queue.ts';

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
}

/** The hooks and queues of one host. @kernel include/net/netns/netfilter.h struct netns_nf */
export class Netfilter {
  /** By hook point; null when nobody asks there, which is what the packet path tests. */
  readonly chains = new Array<HookChain | null>(NF_INET_NUMHOOKS).fill(null);
  readonly cpus: Cpus;
  /** @internal States in use, one for each hook that is being asked inside another. */
  readonly states: ReusableState[] = [];
  /** @internal */
  depth = 0;
  /** @internal */
  readonly handlers = new Map<number, QueueHandler>();
  /** @internal Packets whose verdict is awaited. */
  readonly queued = new Set<QueuedPacket>();

  constructor(cpus: Cpus) {
    this.cpus = cpus;
  }

  /**
   * Adds a hook. Throws `ERR_STACK_HOOK` for a point that does not exist.
   *
   * @kernel net/netfilter/core.c nf_register_net_hook()
   */
  register(ops: NetfilterHook): Undo {
    if (!(ops.hook in this.chains) || !Number.isInteger(ops.priority)) {
      throw new StackError(
        'ERR_STACK_HOOK',
        `hook ${ops.name} asks for point ${ops.hook} at priority ${ops.priority}`,
        'use NF_INET_PRE_ROUTING to NF_INET_POST_ROUTING and an integer such as NF_IP_PRI_FILTER',
      );
    }
    const entry = new HookEntry(ops);
    const chain = this.chains[ops.hook] ?? [];
    const before = chain.filter((other) => other.ops.priority < ops.priority);
    this.chains[ops.hook] = [...before, entry, ...chain.slice(before.length)];
    return () => this.#unregister(entry);
  }

  /** Packets that wait for a verdict in its chain are dropped, as in Linux. @kernel net/netfilter/core.c nf_unregister_net_hook() */
  #unregister(entry: HookEntry): void {
    const chain = this.chains[entry.ops.hook];
    if (chain === null || !chain.includes(entry)) return;
    const rest = chain.filter((other) => other !== entry);
    this.chains[entry.ops.hook] = rest.length === 0 ? null : rest;
    dropQueued(this, (packet) => packet.chain.includes(entry));
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
    this.handlers.set(number, handler);
    return () => {
      if (this.handlers.get(number) !== handler) return;
      this.handlers.delete(number);
      dropQueued(this, (packet) => packet.queue === number);
    };
  }

  /** All hooks in the order in which they are asked, point by point. */
  statistics(): HookStatistics[] {
    return this.chains
      .flatMap((chain) => chain ?? [])
      .map(({ ops, packets, verdicts }) => ({
        name: ops.name,
        hook: ops.hook,
        priority: ops.priority,
        packets,
        dropped: verdicts[0],
        accepted: verdicts[1],
        stolen: verdicts[2],
        queued: verdicts[3],
        repeated: verdicts[4],
      }));
  }

  /** Drops all packets that wait for a verdict. */
  close(): void {
    dropQueued(this, () => true);
  }
}

export type NetfilterHooks = Netfilter;
export const NetfilterHooks = token<NetfilterHooks>('NetfilterHooks', 'add netfilter() to the host');
