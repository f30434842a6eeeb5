import { DropReason, type SkBuff } from '@stack/skb';
import { EPERM, type Part } from '@stack/plugin';
import { trace, tracing } from '@stack/trace';
import { NF_GOES_ON, ReusableState, type HookChain, type HookState } from './hook.ts';
import type { Netfilter } from './netfilter.ts';
import { NF_VERDICT_FLAG_QUEUE_BYPASS, NF_VERDICT_QBITS, type Verdict } from './verdict.ts';

/**
 * Takes packets out of the path. It may read and change the packet and calls `reinject` once, now or later: NF_ACCEPT goes
 * on after the hook that queued, NF_REPEAT asks that hook again, NF_DROP drops, NF_QUEUE_NR moves to another queue,
 * NF_STOLEN makes the packet the handler's own. Later calls do nothing. `state` is the handler's to keep.
 */
export type QueueHandler = (skb: SkBuff, state: HookState, reinject: (verdict: Verdict) => void) => void;

/** A handler at its queue. */
export interface QueueServer {
  readonly serve: QueueHandler;
  readonly part: Part;
}

/** A packet that waits for its verdict, with its place on the way. @kernel include/net/netfilter/nf_queue.h struct nf_queue_entry */
export interface QueuedPacket {
  readonly skb: SkBuff;
  readonly queue: number;
  readonly state: ReusableState;
  readonly chain: HookChain;
  /** Which hook queued it. */
  readonly index: number;
}

/** Goes on with a packet that was queued. */
export type Resume = (nf: Netfilter, packet: QueuedPacket, verdict: Verdict) => void;

/**
 * Hands a packet to the handler of its queue. {@link NF_GOES_ON} when nobody serves the queue and the verdict says
 * bypass; otherwise the packet is gone.
 *
 * @kernel net/netfilter/nf_queue.c nf_queue()
 */
export function nfQueue(
  nf: Netfilter,
  skb: SkBuff,
  state: ReusableState,
  chain: HookChain,
  index: number,
  verdict: Verdict,
  resume: Resume,
): number {
  const queue = verdict >>> NF_VERDICT_QBITS;
  if (tracing.on) trace('nf_queue', skb, queue);
  const handler = nf.handlers.get(queue);
  if (handler === undefined) {
    if ((verdict & NF_VERDICT_FLAG_QUEUE_BYPASS) !== 0) return NF_GOES_ON;
    skb.drop(DropReason.NETFILTER_DROP);
    return -EPERM;
  }
  const packet: QueuedPacket = { skb, queue, state: copyState(state), chain, index };
  nf.queued.add(packet);
  const { faults } = nf;
  try {
    handler.serve(skb, packet.state, (answer) => resume(nf, packet, answer));
  } catch (error) {
    faults.passOn(error);
    if (nf.handlers.get(queue) === handler) nf.handlers.delete(queue);
    dropQueued(nf, (waiting) => waiting.queue === queue);
    faults.report(handler.part, error);
  }
  return 0;
}

/** @kernel net/netfilter/nf_queue.c nf_queue_nf_hook_drop() */
export function dropQueued(nf: Netfilter, which: (packet: QueuedPacket) => boolean): void {
  for (const packet of [...nf.queued]) {
    if (!which(packet)) continue;
    nf.queued.delete(packet);
    packet.skb.drop(DropReason.QUEUE_PURGE);
  }
}

function copyState(state: ReusableState): ReusableState {
  const copy = new ReusableState();
  copy.hook = state.hook;
  copy.in = state.in;
  copy.out = state.out;
  copy.okfn = state.okfn;
  return copy;
}
