import { StackError, token, type Faults, type Undo } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';

/** Which way a packet goes when a policy is asked. @kernel include/uapi/linux/xfrm.h XFRM_POLICY_IN */
export const XFRM_POLICY_IN = 0;
export const XFRM_POLICY_OUT = 1;
export const XFRM_POLICY_FWD = 2;

/**
 * Says which packets may pass at all, whatever the firewall says: those that came protected, for one.
 *
 * @kernel include/net/xfrm.h struct xfrm_policy
 */
export interface Policy {
  readonly name: string;
  /** Whether the packet may go on. Only reads the skb (`networkHeader` at the IP header). */
  allows(skb: SkBuff, direction: number): boolean;
}

/** The policies of a host: all have to agree. */
export class PolicyList {
  /** Null when there are none, which is what the packet path tests. */
  policies: readonly Policy[] | null = null;
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** A policy that fails refuses the packet, and stays. Throws `ERR_STACK_POLICY_TAKEN` for a name that exists. */
  add(policy: Policy): Undo {
    const { name } = policy;
    if (this.policies?.some((other) => other.name === name)) {
      throw new StackError('ERR_STACK_POLICY_TAKEN', `there is a policy ${name} already`, 'give yours another name');
    }
    const part = this.#faults.part(`policy ${name}`);
    const guarded: Policy = {
      name,
      allows: (skb, direction) => {
        try {
          return policy.allows(skb, direction) === true;
        } catch (error) {
          this.#faults.passOn(error);
          this.#faults.report(part, error);
          return false;
        }
      },
    };
    this.policies = [...(this.policies ?? []), guarded];
    return () => {
      const rest = (this.policies ?? []).filter((other) => other !== guarded);
      this.policies = rest.length === 0 ? null : rest;
    };
  }
}

/** Whether all policies agree. @kernel net/xfrm/xfrm_policy.c __xfrm_policy_check() */
export function xfrmPolicyCheck(policies: readonly Policy[], skb: SkBuff, direction: number): boolean {
  for (let i = 0; i < policies.length; i++) if (!policies[i].allows(skb, direction)) return false;
  return true;
}

export type Policies = PolicyList;
export const Policies = token<Policies>('Policies', 'add ipv4() to the host');
