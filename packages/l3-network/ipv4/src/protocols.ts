import { StackError, type Faults, type Undo } from '@stack/plugin';
import { guardProtocol } from './guarded-protocol.ts';
import type { InetProtocols, NetProtocol } from './inet-protocols.ts';

/** @kernel net/ipv4/protocol.c inet_protos */
export class ProtocolTable implements InetProtocols {
  readonly #protocols = new Array<NetProtocol | null>(256).fill(null);
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  add(number: number, protocol: NetProtocol): Undo {
    const owner = this.#protocols[number];
    if (!protocol.netnsOk) {
      throw new StackError(
        'ERR_STACK_PROTOCOL_NOT_NETNS',
        `protocol ${protocol.name} does not keep its state per host`,
        'hold its state in an object of the host, and say so with netnsOk',
      );
    }
    if (owner === undefined) {
      throw new StackError('ERR_STACK_PROTOCOL_NUMBER', `there is no protocol number ${number}`, 'give 0 to 255');
    }
    if (owner !== null) {
      throw new StackError(
        'ERR_STACK_PROTOCOL_TAKEN',
        `protocol ${number} is ${owner.name}, ${protocol.name} cannot have it`,
        'leave one of the two out',
      );
    }
    const guarded = guardProtocol(protocol, this.#faults, () => undo());
    const undo = (): void => {
      if (this.#protocols[number] === guarded) this.#protocols[number] = null;
    };
    this.#protocols[number] = guarded;
    return undo;
  }

  get(number: number): NetProtocol | null {
    return this.#protocols[number];
  }
}
