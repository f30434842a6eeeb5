import { StackError, type Undo } from '@stack/plugin';
import type { InetProtosw, InetProtosws } from './proto.ts';

/** The kinds of sockets of a host. */
export class InetProtoswTable implements InetProtosws {
  #kinds: InetProtosw[] = [];

  add(kind: InetProtosw): Undo {
    const taken = this.#kinds.some(
      (k) => k.type === kind.type && (k.protocol === kind.protocol || (k.isDefault && kind.isDefault)),
    );
    if (taken) {
      const problem = `sockets of type ${kind.type} with protocol ${kind.protocol} exist already`;
      throw new StackError('ERR_STACK_SOCKET_TYPE_TAKEN', problem, 'leave one of the two plugins out');
    }
    this.#kinds.push(kind);
    return () => {
      this.#kinds = this.#kinds.filter((k) => k !== kind);
    };
  }

  find(type: number, protocol: number): InetProtosw | null {
    return this.#kinds.find((k) => k.type === type && (protocol === 0 ? k.isDefault : k.protocol === protocol)) ?? null;
  }

  hasType(type: number): boolean {
    return this.#kinds.some((k) => k.type === type);
  }
}
