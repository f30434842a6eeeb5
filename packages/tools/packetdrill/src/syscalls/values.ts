import { parseIpv4 } from '@stack/ipv4';
import type { Expression } from '../language/script.ts';
import { ScriptError, Unsupported } from '../language/script-error.ts';
import { SYMBOLS } from './symbols/symbols.ts';

const FUNCTIONS: Readonly<Record<string, (argument: Expression, line: number) => number>> = {
  htons: numberOf,
  htonl: numberOf,
  ntohs: numberOf,
  inet_addr: (argument, line) => parseIpv4(textOf(argument, line)),
};

/** The number that an argument stands for. */
export function numberOf(expression: Expression, line: number): number {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'name':
      return symbol(expression.name, line);
    case 'operation':
      return operate(
        expression.operator,
        expression.operands.map((each) => numberOf(each, line)),
      );
    case 'apply': {
      if (!Object.hasOwn(FUNCTIONS, expression.name))
        throw new ScriptError(line, `there is no function ${expression.name}`);
      const [argument] = expression.args;
      if (argument === undefined) throw new ScriptError(line, `${expression.name} needs an argument`);
      return FUNCTIONS[expression.name](argument, line);
    }
    default:
      throw new ScriptError(line, `a number is needed, not ${describe(expression)}`);
  }
}

/** The text of a string. */
export function textOf(expression: Expression, line: number): string {
  if (expression.kind !== 'string') throw new ScriptError(line, `a string is needed, not ${describe(expression)}`);
  return expression.value;
}

/** The value of a field of a structure, or null when it has none of this name. */
export function fieldOf(expression: Expression, name: string, line: number): Expression | null {
  if (expression.kind !== 'structure')
    throw new ScriptError(line, `a structure is needed, not ${describe(expression)}`);
  return expression.fields.find((field) => field.name === name)?.value ?? null;
}

export function numberField(expression: Expression, name: string, line: number, otherwise: number): number {
  const value = fieldOf(expression, name, line);
  return value === null || value.kind === 'any' ? otherwise : numberOf(value, line);
}

export function isNull(expression: Expression): boolean {
  return expression.kind === 'name' && expression.name === 'NULL';
}

export function describe(expression: Expression): string {
  switch (expression.kind) {
    case 'any':
      return '...';
    case 'list':
      return 'a list';
    case 'structure':
      return 'a structure';
    case 'string':
      return `"${expression.value}"`;
    case 'name':
    case 'apply':
      return expression.name;
    default:
      return 'a number';
  }
}

function symbol(name: string, line: number): number {
  const value = SYMBOLS.get(name);
  if (value === undefined) throw new Unsupported(line, `the name ${name} is not known`);
  return value;
}

function operate(operator: string, [a, b]: readonly number[]): number {
  switch (operator) {
    case '|':
      return a | b;
    case '&':
      return a & b;
    case '<<':
      return a << b;
    case '+':
      return a + b;
    case '*':
      return a * b;
    case '~':
      return ~a;
    default:
      return b === undefined ? -a : a - b;
  }
}
