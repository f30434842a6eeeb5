import { TC_ACT_SHOT, TC_ACT_STOLEN, TC_ACT_UNSPEC, type FilterChain } from '@stack/netdev';
import type { SkBuff } from '@stack/skb';

/** What {@link classify} answers when it finds no class. */
export const NO_MATCH = -1;
/** The packet has to be dropped. */
export const SHOT = -2;
/** The packet is gone. */
export const STOLEN = -3;

/**
 * The classid of a packet: its priority, when that names a class of this discipline, or what the filters say.
 *
 * @kernel net/sched/sch_prio.c prio_classify()
 */
export function classify(handle: number, filters: FilterChain, skb: SkBuff): number {
  const priority = skb.priority >>> 0;
  if (handle !== 0 && (priority & 0xffff0000) >>> 0 === handle) return priority;
  if (filters.empty) return NO_MATCH;
  const verdict = filters.classify(skb);
  if (verdict === TC_ACT_UNSPEC) return NO_MATCH;
  if (verdict === TC_ACT_SHOT) return SHOT;
  return verdict === TC_ACT_STOLEN ? STOLEN : filters.classid;
}
