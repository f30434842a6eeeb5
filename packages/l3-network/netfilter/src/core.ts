import { EPERM } from '@stack/plugin';
import type { NetDevice, SkbList } from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { askHooks, FAULTY } from './ask.ts';
import { hookName, NF_GOES_ON, ReusableState, type HookChain, type OkFn } from './hook.ts';
import type { Netfilter } from './netfilter.ts';
import { nfQueue, type QueuedPacket } from './queue.ts';
import {
  NF_ACCEPT,
  NF_DROP,
  NF_DROP_GETERR,
  NF_QUEUE,
  NF_REPEAT,
  NF_STOLEN,
  NF_VERDICT_MASK,
  verdictName,
  type Verdict,
} from './verdict.ts';

/**
 * Asks the hooks of a point. {@link NF_GOES_ON}: all accepted, the caller continues. Otherwise the packet is gone: 0 when
 * stolen or queued (`okfn` is called after a late ACCEPT), a negative errno when dropped.
 *
 * @kernel include/linux/netfilter.h nf_hook()
 */
export function nfHook(
  nf: Netfilter,
  hook: number,
  skb: SkBuff,
  inDev: NetDevice | null,
  outDev: NetDevice | null,
  okfn: OkFn,
): number {
  if (tracing.on) trace('nf_hook', skb, hookName(hook));
  const chain = nf.chains[hook];
  if (chain === null) return NF_GOES_ON;
  const state = enter(nf);
  state.hook = hook;
  state.in = inDev;
  state.out = outDev;
  state.okfn = okfn;
  const answer = nfHookSlow(nf, skb, state, chain, 0);
  leave(nf, state);
  return answer;
}

/** Asks the hooks, and continues with `okfn` when all accept. @kernel include/linux/netfilter.h NF_HOOK() */
export function NF_HOOK(
  nf: Netfilter,
  hook: number,
  skb: SkBuff,
  inDev: NetDevice | null,
  outDev: NetDevice | null,
  okfn: OkFn,
): number {
  const answer = nfHook(nf, hook, skb, inDev, outDev, okfn);
  return answer === NF_GOES_ON ? okfn(skb) : answer;
}

/**
 * Asks the hooks about each packet of a batch; those that may go on stay in the list.
 *
 * @kernel include/linux/netfilter.h NF_HOOK_LIST()
 */
export function NF_HOOK_LIST(
  nf: Netfilter,
  hook: number,
  list: SkbList,
  inDev: NetDevice | null,
  outDev: NetDevice | null,
  okfn: OkFn,
): void {
  if (tracing.on && list.first !== null) trace('NF_HOOK_LIST', list.first, hookName(hook));
  const chain = nf.chains[hook];
  if (chain === null) return;
  const state = enter(nf);
  state.hook = hook;
  state.in = inDev;
  state.out = outDev;
  state.okfn = okfn;
  nfHookSlowList(nf, list, state, chain);
  leave(nf, state);
}

/**
 * Asks the hooks of `chain` from number `first` on.
 *
 * @kernel net/netfilter/core.c nf_hook_slow()
 */
export function nfHookSlow(nf: Netfilter, skb: SkBuff, state: ReusableState, chain: HookChain, first: number): number {
  for (let i = first; ; i++) {
    i = askHooks(nf, chain, i, skb, state);
    if (i === chain.length) return NF_GOES_ON;
    const { verdict } = state;
    if (verdict === FAULTY) return -EPERM;
    const kind = verdict & NF_VERDICT_MASK;
    chain[i].verdicts[kind]++;
    if (kind === NF_STOLEN) return NF_DROP_GETERR(verdict); // the packet may be gone already
    if (tracing.on) trace('nf_hook_slow', skb, verdictName(verdict));
    if (kind === NF_ACCEPT) continue; // with an errno that means nothing
    if (kind === NF_REPEAT) {
      i--;
    } else if (kind === NF_QUEUE) {
      const answer = nfQueue(nf, skb, state, chain, i, verdict, nfReinject);
      if (answer !== NF_GOES_ON) return answer;
    } else {
      skb.drop(DropReason.NETFILTER_DROP);
      const errno = NF_DROP_GETERR(verdict);
      return errno === 0 ? -EPERM : errno;
    }
  }
}

/** @kernel net/netfilter/core.c nf_hook_slow_list() */
export function nfHookSlowList(nf: Netfilter, list: SkbList, state: ReusableState, chain: HookChain): void {
  for (let left = list.length; left > 0; left--) {
    const skb = list.shift()!;
    if (nfHookSlow(nf, skb, state, chain, 0) === NF_GOES_ON) list.push(skb);
  }
}

/**
 * Goes on where the packet was queued, with the verdict of the queue's handler. A second verdict does nothing.
 *
 * @kernel net/netfilter/nf_queue.c nf_reinject()
 */
export function nfReinject(nf: Netfilter, packet: QueuedPacket, verdict: Verdict): void {
  if (!nf.queued.delete(packet)) return;
  const { skb, state, chain, index } = packet;
  const kind = verdict & NF_VERDICT_MASK;
  if (tracing.on) trace('nf_reinject', skb, verdictName(verdict));
  const cpu = nf.cpus.boot;
  cpu.localBhDisable();
  if (kind === NF_DROP) {
    skb.drop(DropReason.NETFILTER_DROP);
  } else if (kind !== NF_STOLEN) {
    const requeued = kind === NF_QUEUE && nfQueue(nf, skb, state, chain, index, verdict, nfReinject) !== NF_GOES_ON;
    const next = kind === NF_REPEAT ? index : index + 1;
    if (!requeued && nfHookSlow(nf, skb, state, chain, next) === NF_GOES_ON) state.okfn(skb);
  }
  cpu.localBhEnable();
}

/** A hook may send packets itself, which meet hooks in turn: each level has its own state. */
function enter(nf: Netfilter): ReusableState {
  if (nf.depth === nf.states.length) nf.states.push(new ReusableState());
  return nf.states[nf.depth++];
}

function leave(nf: Netfilter, state: ReusableState): void {
  nf.depth--;
  state.forget();
}
