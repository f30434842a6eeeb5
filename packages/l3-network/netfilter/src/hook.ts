import type { NetDevice } from '@stack/netdev';
import type { Part } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';
import type { Verdict } from './verdict.ts';

/** Where IPv4 asks: the five points of a packet's way. @kernel include/uapi/linux/netfilter.h enum nf_inet_hooks */
export const NF_INET_PRE_ROUTING = 0;
export const NF_INET_LOCAL_IN = 1;
export const NF_INET_FORWARD = 2;
export const NF_INET_LOCAL_OUT = 3;
export const NF_INET_POST_ROUTING = 4;
export const NF_INET_NUMHOOKS = 5;

const hookNames = ['PRE_ROUTING', 'LOCAL_IN', 'FORWARD', 'LOCAL_OUT', 'POST_ROUTING'];

/** For tracers. */
export function hookName(hook: number): string {
  return hookNames[hook] ?? `hook ${hook}`;
}

/** In which order hooks of one point are asked, lowest first. @kernel include/uapi/linux/netfilter_ipv4.h enum nf_ip_hook_priorities */
export const NF_IP_PRI_FIRST = -0x80000000;
export const NF_IP_PRI_RAW_BEFORE_DEFRAG = -450;
export const NF_IP_PRI_CONNTRACK_DEFRAG = -400;
export const NF_IP_PRI_RAW = -300;
export const NF_IP_PRI_SELINUX_FIRST = -225;
export const NF_IP_PRI_CONNTRACK = -200;
export const NF_IP_PRI_MANGLE = -150;
export const NF_IP_PRI_NAT_DST = -100;
export const NF_IP_PRI_FILTER = 0;
export const NF_IP_PRI_SECURITY = 50;
export const NF_IP_PRI_NAT_SRC = 100;
export const NF_IP_PRI_SELINUX_LAST = 225;
export const NF_IP_PRI_CONNTRACK_HELPER = 300;
export const NF_IP_PRI_CONNTRACK_CONFIRM = 0x7fffffff;
export const NF_IP_PRI_LAST = 0x7fffffff;

/** Where a packet goes on once all hooks of a point accepted it. Made once per host, never per packet. Owns the skb. */
export type OkFn = (skb: SkBuff) => number;

/** What asking the hooks answers when the packet may go on: the caller still owns it. */
export const NF_GOES_ON = 1;

/**
 * What a hook may know besides the packet. Valid during the call only: the object serves the next packet right after.
 *
 * @kernel include/linux/netfilter.h struct nf_hook_state
 */
export interface HookState {
  /** NF_INET_*. */
  readonly hook: number;
  /** The device it came in by; null at LOCAL_OUT and POST_ROUTING of our own packets. */
  readonly in: NetDevice | null;
  /** The device it leaves by; null at PRE_ROUTING and LOCAL_IN. */
  readonly out: NetDevice | null;
}

/** A hook to register: a plain object, `fn` a plain function. @kernel include/linux/netfilter.h struct nf_hook_ops */
export interface NetfilterHook {
  readonly name: string;
  /** NF_INET_*. */
  readonly hook: number;
  /** NF_IP_PRI_*, or any int32 between. Of two with the same priority, the one registered later is asked first. */
  readonly priority: number;
  /**
   * Stays when it fails, and only the packet at which it failed is dropped: for a filter, which a packet must not be able to
   * switch off. Otherwise a hook that fails is taken out, and later packets pass it by.
   */
  readonly failClosed?: boolean;
  /** `skb.networkHeader` is at the IP header, which is linear. The hook must not keep the skb unless it says NF_STOLEN. */
  fn(skb: SkBuff, state: HookState): Verdict;
}

/** A hook at work, with its counters. @kernel include/linux/netfilter.h struct nf_hook_entry */
export class HookEntry {
  /** @internal Another one once the hook was taken out for a fault. */
  ops: NetfilterHook;
  readonly part: Part;
  /** Time spent in the hook, while the host has a {@link Netfilter.stopwatch}. */
  nanoseconds = 0;
  /** How often each verdict came, by NF_DROP to NF_REPEAT. */
  readonly verdicts = new Float64Array(5);

  constructor(ops: NetfilterHook, part: Part) {
    this.ops = ops;
    this.part = part;
  }
}

/** The hooks of one point in order. Never changed: registering makes a new one, so that packets under way keep theirs. */
export type HookChain = readonly HookEntry[];

/** @internal A {@link HookState} that can be filled again. */
export class ReusableState implements HookState {
  hook = 0;
  in: NetDevice | null = null;
  out: NetDevice | null = null;
  okfn: OkFn = nowhere;
  /** @internal Of the hook that did not accept. */
  verdict: Verdict = 0;

  /** @internal */
  forget(): void {
    this.in = null;
    this.out = null;
    this.okfn = nowhere;
  }
}

function nowhere(): number {
  return 0;
}
