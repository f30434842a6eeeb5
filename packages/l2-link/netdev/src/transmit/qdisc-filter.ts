import { StackError, type Undo } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';

/** What an action decides. @kernel include/uapi/linux/pkt_cls.h TC_ACT_* */
export const TC_ACT_UNSPEC = -1;
export const TC_ACT_OK = 0;
export const TC_ACT_SHOT = 2;
/** On to the next action. */
export const TC_ACT_PIPE = 3;
/** The action owns the packet now. */
export const TC_ACT_STOLEN = 4;

/** Does something with a packet and says what becomes of it: TC_ACT_*. */
export type PacketAction = (skb: SkBuff) => number;

/**
 * Which packets go into a class, or what is done with them.
 *
 * @kernel include/net/pkt_cls.h struct tcf_proto
 */
export interface PacketFilter {
  /** Lower ones are asked first; those of one priority in the order in which they came. 49152 unless given. */
  readonly prio?: number;
  /** Ethertype the packet must have; any unless given. */
  readonly protocol?: number;
  /** All packets unless given. */
  readonly match?: (skb: SkBuff) => boolean;
  /** The class, or the flow, for packets that match. */
  readonly classid?: number;
  readonly actions?: readonly PacketAction[];
}

/** A filter in use, with what it counted. */
export interface InstalledFilter extends PacketFilter {
  readonly prio: number;
  hits: number;
}

const DEFAULT_PRIO = 0xc000;

/**
 * The filters of a discipline.
 *
 * @kernel net/sched/cls_api.c struct tcf_block
 */
export class FilterChain {
  /** In the order in which they are asked; replaced, never changed. */
  filters: readonly InstalledFilter[] = [];
  /** The class that the last {@link classify} found; 0 when a filter matched without naming one. */
  classid = 0;

  get empty(): boolean {
    return this.filters.length === 0;
  }

  add(filter: PacketFilter): Undo {
    const prio = filter.prio ?? DEFAULT_PRIO;
    if (!Number.isInteger(prio) || prio < 0 || prio > 0xffff) {
      throw new StackError('ERR_STACK_FILTER_PRIO', `a filter cannot have priority ${prio}`, 'give 0 to 65535');
    }
    const installed: InstalledFilter = { ...filter, prio, hits: 0 };
    const after = this.filters.findIndex((other) => other.prio > prio);
    this.filters = this.filters.toSpliced(after < 0 ? this.filters.length : after, 0, installed);
    return () => {
      this.filters = this.filters.filter((other) => other !== installed);
    };
  }

  clear(): void {
    this.filters = [];
  }

  /**
   * Asks the filters. TC_ACT_UNSPEC: none matched. TC_ACT_OK: {@link classid} is its class. TC_ACT_SHOT: the caller
   * must drop the packet. TC_ACT_STOLEN: it is gone.
   *
   * @kernel net/sched/cls_api.c tcf_classify()
   */
  classify(skb: SkBuff): number {
    const { filters } = this;
    for (let i = 0; i < filters.length; i++) {
      const filter = filters[i];
      if (filter.protocol !== undefined && filter.protocol !== skb.protocol) continue;
      if (filter.match !== undefined && !filter.match(skb)) continue;
      filter.hits++;
      this.classid = filter.classid ?? 0;
      const verdict = filter.actions === undefined ? TC_ACT_OK : act(filter.actions, skb);
      if (verdict !== TC_ACT_UNSPEC) return verdict;
    }
    return TC_ACT_UNSPEC;
  }
}

/** @kernel net/sched/act_api.c tcf_action_exec() */
function act(actions: readonly PacketAction[], skb: SkBuff): number {
  for (let i = 0; i < actions.length; i++) {
    const verdict = actions[i](skb);
    if (verdict !== TC_ACT_PIPE) return verdict;
  }
  return TC_ACT_OK;
}
