import { Netfilter, NF_HOOK, NF_INET_LOCAL_IN, type NetfilterHook, type Verdict } from '@stack/netfilter';
import type { PluginFault } from '@stack/plugin';
import { Skbs, type SkBuff, type SkbPool } from '@stack/skb';
import { machine, testHost } from '@stack/testing';
import { NetfilterHooks, netfilter } from '@stack/netfilter';

/** A host with nothing but hooks, and a path that notes what came through. */
export class Path {
  readonly nf: Netfilter;
  readonly pool: SkbPool;
  readonly through: SkBuff[] = [];
  readonly #end: (skb: SkBuff) => number;

  readonly faults: PluginFault[] = [];

  constructor({ strict = true } = {}) {
    const host = testHost(machine(), 'alice', [netfilter()], { strict });
    host.faults.listen((fault) => this.faults.push(fault));
    this.nf = host.get(NetfilterHooks);
    this.pool = host.get(Skbs);
    this.#end = (skb) => {
      this.through.push(skb);
      skb.consume();
      return 42;
    };
  }

  skb(): SkBuff {
    return this.pool.alloc(64)!;
  }

  /** Sends a packet through the hooks of LOCAL_IN. */
  pass(skb: SkBuff = this.skb()): number {
    return NF_HOOK(this.nf, NF_INET_LOCAL_IN, skb, null, null, this.#end);
  }
}

export function hookAt(priority: number, fn: NetfilterHook['fn'], name = `at ${priority}`): NetfilterHook {
  return { name, hook: NF_INET_LOCAL_IN, priority, fn };
}

/** A hook that says one verdict after the other, and the last one for ever. */
export function saying(...verdicts: Verdict[]): NetfilterHook['fn'] {
  let turn = 0;
  return () => verdicts[Math.min(turn++, verdicts.length - 1)];
}
