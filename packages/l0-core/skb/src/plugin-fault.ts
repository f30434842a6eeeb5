import { registerDropReason } from './drop-reason.ts';
import type { SkBuff } from './skbuff.ts';

/** The plugin that was asked about the packet failed. */
export const PLUGIN_FAULT = /* @__PURE__ */ registerDropReason('PLUGIN_FAULT');

/**
 * Frees the packet of a plugin that threw. Who throws has taken nothing over, so the packet is the caller's, unless it is
 * gone: `id` is the number it had before, `users` how many owned it.
 */
export function dropFaulty(skb: SkBuff, id: number, users: number, pool: SkBuff['pool']): void {
  if (pool.isAlive(skb, id) && skb.users === users) skb.drop(PLUGIN_FAULT);
}
