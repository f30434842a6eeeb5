import { NET_XMIT_CN, NET_XMIT_SUCCESS } from '@stack/netdev';
import { EPERM, token, type Faults, type Undo } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';

/**
 * A function that sees every packet that leaves, after POST_ROUTING. NET_XMIT_SUCCESS lets it pass; NET_XMIT_CN lets it
 * pass and tells the sender of congestion; a negative errno drops it. Only reads the skb (`data` at the IP header).
 *
 * @kernel include/linux/bpf-cgroup.h BPF_CGROUP_RUN_PROG_INET_EGRESS()
 */
export type EgressProgram = (skb: SkBuff) => number;

/** The programs of a host. @kernel kernel/bpf/cgroup.c struct cgroup_bpf */
export class EgressProgramList {
  /** Null when there are none, which is what the packet path tests. */
  programs: readonly EgressProgram[] | null = null;
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** A program that throws is taken out, with its packet dropped. */
  add(program: EgressProgram): Undo {
    const part = this.#faults.part(`egress program ${program.name || 'without a name'}`);
    const guarded: EgressProgram = (skb) => {
      try {
        return program(skb);
      } catch (error) {
        this.#faults.passOn(error);
        undo();
        this.#faults.report(part, error);
        return -EPERM;
      }
    };
    const undo = (): void => {
      const rest = (this.programs ?? []).filter((other) => other !== guarded);
      this.programs = rest.length === 0 ? null : rest;
    };
    this.programs = [...(this.programs ?? []), guarded];
    return undo;
  }
}

export type EgressPrograms = EgressProgramList;
export const EgressPrograms = token<EgressPrograms>('EgressPrograms', 'add ipv4() to the host');

/** What all programs say together: the first drop, else congestion if one says so. @kernel kernel/bpf/cgroup.c __cgroup_bpf_run_filter_skb() */
export function runEgress(programs: readonly EgressProgram[], skb: SkBuff): number {
  let congested = false;
  for (const program of programs) {
    const answer = program(skb);
    if (answer === NET_XMIT_CN) congested = true;
    else if (answer !== NET_XMIT_SUCCESS) return answer < 0 ? answer : -EPERM;
  }
  return congested ? NET_XMIT_CN : NET_XMIT_SUCCESS;
}
