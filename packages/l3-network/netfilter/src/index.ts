/**
 * Five points on a packet's way through IPv4 where functions of yours decide.
 *
 * ```ts
 * const noTelnet: Plugin = {
 *   name: 'no-telnet',
 *   attach: (services) =>
 *     services.get(NetfilterHooks).register({
 *       name: 'no-telnet',
 *       hook: NF_INET_LOCAL_IN,
 *       priority: NF_IP_PRI_FILTER,
 *       fn: (skb) => (ip.protocol(skb) === 6 && skb.mayPull(24) && skb.u16(22) === 23 ? NF_DROP : NF_ACCEPT),
 *     }),
 * };
 * ```
 *
 * @packageDocumentation
 */
export { NF_HOOK, NF_HOOK_LIST, nfHook, nfHookSlow, nfHookSlowList, nfReinject } from './core.ts';
export * from './hook.ts';
export { Netfilter, NetfilterHooks, type HookStatistics } from './netfilter.ts';
export { netfilter } from './plugin.ts';
export type { QueuedPacket, QueueHandler } from './queue.ts';
export type { UserAnswer, UserHandler, UserPacket, UserQueue, UserQueueOptions } from './user-queue.ts';
export * from './verdict.ts';
