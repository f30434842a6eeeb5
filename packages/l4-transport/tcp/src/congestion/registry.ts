import { StackError, token, type Faults, type Undo } from '@stack/plugin';
import { cubic } from './cubic.ts';
import { guardCongestion } from './guard.ts';
import type { CongestionOps } from './ops.ts';
import { reno } from './reno.ts';

/** The congestion controls of a host. @kernel net/ipv4/tcp_cong.c tcp_register_congestion_control() */
export interface CongestionControls {
  /**
   * Throws `ERR_STACK_CONGESTION_TAKEN` for a name that exists. Sockets that use it keep it after its undo; those of one that
   * fails go on with reno.
   */
  add(ops: CongestionOps): Undo;
  readonly names: readonly string[];
}

export const CongestionControls = token<CongestionControls>('CongestionControls', 'add tcp() to the host');

/** Begins with cubic and reno. */
export class CongestionTable implements CongestionControls {
  readonly #byName = new Map<string, CongestionOps>([
    [cubic.name, cubic],
    [reno.name, reno],
  ]);
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  add(ops: CongestionOps): Undo {
    if (this.#byName.has(ops.name)) {
      throw new StackError(
        'ERR_STACK_CONGESTION_TAKEN',
        `there is a congestion control ${ops.name} already`,
        'give yours another name',
      );
    }
    const guarded = guardCongestion(ops, this.#faults, () => undo());
    const undo = (): void => {
      if (this.#byName.get(ops.name) === guarded) this.#byName.delete(ops.name);
    };
    this.#byName.set(ops.name, guarded);
    return undo;
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  find(name: string): CongestionOps | null {
    return this.#byName.get(name) ?? null;
  }

  /** The named one, or reno if there is none. @kernel net/ipv4/tcp_cong.c tcp_assign_congestion_control() */
  choose(name: string): CongestionOps {
    return this.#byName.get(name) ?? reno;
  }
}
