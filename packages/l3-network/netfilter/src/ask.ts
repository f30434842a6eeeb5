import type { Nanoseconds } from '@stack/clock';
import { contractError, type Part } from '@stack/plugin';
import { dropFaulty, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import {
  NF_INET_NUMHOOKS,
  type HookChain,
  type HookEntry,
  type HookState,
  type NetfilterHook,
  type ReusableState,
} from './hook.ts';
import type { Netfilter } from './netfilter.ts';
import {
  NF_ACCEPT,
  NF_DROP,
  NF_QUEUE,
  NF_REPEAT,
  NF_STOLEN,
  NF_VERDICT_MASK,
  verdictName,
  type Verdict,
} from './verdict.ts';

/** The verdict when a hook failed and the packet is gone: none at all. */
export const FAULTY = 0xff;

/**
 * Asks the hooks of `chain` from number `first` on until one does not plainly accept. Returns its number, with what it
 * said in `state.verdict`; the length of the chain when all accept. A hook that throws, or says what is no verdict, is
 * taken out unless it is to fail closed; its packet is dropped.
 */
export function askHooks(nf: Netfilter, chain: HookChain, first: number, skb: SkBuff, state: ReusableState): number {
  const { id, pool } = skb;
  const { stopwatch } = nf;
  let { users } = skb;
  let i = first;
  // One try for all hooks: each costs little more than its call.
  try {
    for (; i < chain.length; i++) {
      const entry = chain[i];
      users = skb.users;
      const verdict = stopwatch === null ? entry.ops.fn(skb, state) : timed(entry, skb, state, stopwatch);
      if (verdict !== NF_ACCEPT) {
        if (!isVerdict(verdict)) throw wrongAnswer(verdict);
        state.verdict = verdict;
        return i;
      }
      entry.verdicts[NF_ACCEPT]++;
      if (tracing.on) trace('nf_hook_slow', skb, verdictName(verdict));
    }
  } catch (error) {
    const entry = chain[i];
    nf.faults.passOn(error);
    if (entry.ops.failClosed !== true) nf.takeOut(entry);
    dropFaulty(skb, id, users, pool);
    nf.faults.report(entry.part, error);
    state.verdict = FAULTY;
  }
  return i;
}

function wrongAnswer(verdict: unknown): Error {
  return contractError(`it answered ${String(verdict)}`, 'return NF_ACCEPT, NF_DROP or another verdict');
}

/** Whether a plugin's answer is one at all. */
export function isVerdict(verdict: Verdict): boolean {
  return verdict === (verdict | 0) && (verdict & NF_VERDICT_MASK) <= NF_REPEAT;
}

function timed(entry: HookEntry, skb: SkBuff, state: HookState, now: () => Nanoseconds): Verdict {
  const began = now();
  const verdict = entry.ops.fn(skb, state);
  entry.nanoseconds += now() - began;
  return verdict;
}

/** A hook for a host whose faults are strict: `of` is asked, and then looked after. */
export function strictHook(ops: NetfilterHook, part: Part): NetfilterHook & { readonly of: NetfilterHook } {
  let repeats = 0;
  let repeated = 0;
  return {
    name: ops.name,
    hook: ops.hook,
    priority: ops.priority,
    failClosed: ops.failClosed,
    of: ops,
    fn(skb, state) {
      const { id, pool } = skb;
      const verdict = ops.fn(skb, state);
      const kind = verdict & NF_VERDICT_MASK;
      const alive = pool.isAlive(skb, id);
      if (!alive && kind !== NF_STOLEN) throw freed(kind);
      if (alive && kind === NF_STOLEN) pool.heldBy(skb, `${part.name} of ${part.plugin}, which said NF_STOLEN`);
      repeats = kind === NF_REPEAT && repeated === id ? repeats + 1 : 0;
      repeated = id;
      if (repeats > TOO_OFTEN) throw contractError(`it said NF_REPEAT ${repeats} times`, 'end with another verdict');
      return verdict;
    },
  };
}

/** More repeats than that for one packet, and a hook hangs the host. */
const TOO_OFTEN = 1000;

function freed(kind: number): Error {
  const name = kind === NF_ACCEPT || kind === NF_DROP || kind === NF_QUEUE ? verdictName(kind) : 'another verdict';
  return contractError(
    `it freed the packet and said ${name}`,
    'leave the packet to the host, or free it and say NF_STOLEN',
  );
}

/** Why a hook cannot be registered, or null. */
export function wrongHook(ops: NetfilterHook): string | null {
  if (typeof ops.fn !== 'function') return 'has no function fn';
  const known = Number.isInteger(ops.hook) && ops.hook >= 0 && ops.hook < NF_INET_NUMHOOKS;
  if (!known || !Number.isInteger(ops.priority)) return `asks for point ${ops.hook} at priority ${ops.priority}`;
  return null;
}
