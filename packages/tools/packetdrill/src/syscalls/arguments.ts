import type { LocalFile } from '../files/local-file.ts';
import type { Call, Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Session } from '../run/session.ts';
import { describe, isNull, numberField, numberOf, textOf } from './values.ts';

/** The arguments of one call, by what they have to be. */
export class Arguments {
  readonly session: Session;
  readonly call: Call;
  readonly line: number;

  constructor(session: Session, call: Call, line: number) {
    this.session = session;
    this.call = call;
    this.line = line;
  }

  get count(): number {
    return this.call.args.length;
  }

  at(index: number): Expression {
    const argument = this.call.args[index];
    if (argument === undefined)
      throw new ScriptError(this.line, `${this.call.name} needs more than ${index} arguments`);
    return argument;
  }

  number(index: number): number {
    return numberOf(this.at(index), this.line);
  }

  text(index: number): string {
    return textOf(this.at(index), this.line);
  }

  /** The host's descriptor. */
  fd(index: number): number {
    return this.session.descriptors.live(this.number(index));
  }

  /** What is behind the descriptor if it is no socket, else null. */
  file(index: number): LocalFile | null {
    return this.session.descriptors.file(this.number(index));
  }

  isNull(index: number): boolean {
    return isNull(this.at(index));
  }

  /** The one item of a list `[x]`, or the argument itself. */
  item(index: number): Expression {
    const argument = this.at(index);
    return argument.kind === 'list' && argument.items.length === 1 ? argument.items[0] : argument;
  }

  /** An address: `...` is the configured one. */
  address(index: number, configured: SocketAddress): SocketAddress {
    const argument = this.at(index);
    return argument.kind === 'any' ? configured : addressOf(argument, this.line);
  }
}

/** int32 and uint16. */
export interface SocketAddress {
  readonly family: number;
  readonly address: number;
  readonly port: number;
}

export function addressOf(expression: Expression, line: number): SocketAddress {
  if (expression.kind !== 'structure') throw new ScriptError(line, `an address is needed, not ${describe(expression)}`);
  return {
    family: numberField(expression, 'sa_family', line, 2),
    address: numberField(expression, 'sin_addr', line, 0),
    port: numberField(expression, 'sin_port', line, 0),
  };
}
