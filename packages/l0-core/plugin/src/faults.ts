import { StackError } from './errors.ts';
import type { Undo } from './plugin.ts';
import { token } from './token.ts';

const FAULT = 'ERR_STACK_PLUGIN_FAULT';

/** Who registers when no plugin attaches. */
export const APPLICATION = 'the application';

/** Something that a plugin registered, as reports name it: made at registration, see {@link Faults.part}. */
export interface Part {
  /** The plugin whose `attach` registered it, or `the application`. */
  readonly plugin: string;
  /** `hook no-telnet`, `qdisc drr`. */
  readonly name: string;
}

/** Code of a plugin failed on the packet path: it threw, or it broke the contract of its plug point. */
export interface PluginFault extends Part {
  readonly error: unknown;
}

/**
 * What plugins of a host did wrong while packets flowed. Whoever calls a plugin on the packet path catches what it throws,
 * frees the packet, takes the plugin out and reports here: the host lives on. Under {@link strict}, which tests and labs
 * with `checking` switch on, the report throws instead, naming the plugin.
 */
export class FaultReports {
  /** A fault ends the run at once, and plug points look closer at what plugins do. Set it before plugins attach. */
  strict = false;
  /** How many there were, by plugin. */
  readonly counts = new Map<string, number>();
  /** @internal Which plugin attaches at the moment; its container says so. */
  acting = APPLICATION;
  #listeners: readonly ((fault: PluginFault) => void)[] = [];

  /** Names what is being registered, with the plugin that does it. */
  part(name: string): Part {
    return { plugin: this.acting, name };
  }

  /** First thing in a `catch` around a plugin: a fault that was reported already, further in, goes on up. */
  passOn(error: unknown): void {
    if (error instanceof StackError && error.code === FAULT) throw error;
  }

  /** Counts a fault and tells the listeners; throws `ERR_STACK_PLUGIN_FAULT` when {@link strict}. */
  report({ plugin, name }: Part, error: unknown): void {
    this.counts.set(plugin, (this.counts.get(plugin) ?? 0) + 1);
    for (const listener of this.#listeners) listener({ plugin, name, error });
    if (this.strict) throw faultError(plugin, name, error);
  }

  /** All faults together. */
  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Is told of every fault, inside the stack: it notes, and does not throw. */
  listen(listener: (fault: PluginFault) => void): Undo {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.length;
  }
}

/** A plugin broke the contract of its plug point without throwing: what it did, and what to do instead. */
export function contractError(problem: string, remedy: string): StackError {
  return new StackError('ERR_STACK_PLUGIN_CONTRACT', problem, remedy);
}

function faultError(plugin: string, name: string, error: unknown): StackError {
  const cause = error instanceof Error ? error.message : String(error);
  const fault = new StackError(FAULT, `${name} of ${plugin} failed: ${cause}`, 'mend the plugin');
  fault.cause = error;
  return fault;
}

export type Faults = FaultReports;
export const Faults = token<Faults>('Faults', 'every Container has them');
