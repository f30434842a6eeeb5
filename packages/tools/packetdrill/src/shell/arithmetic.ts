import { PythonExpression } from '../python/expression.ts';
import { splitStatements } from '../python/tokens.ts';
import { PythonError } from '../python/values.ts';
import type { ShellScope } from './expand.ts';
import { ShellSyntaxError } from './syntax-error.ts';

type Variables = Pick<ShellScope, 'variable' | 'assign'>;

/** `i++`, `--i`, `i = 3`, `i += 3`. */
const COUNT = /^(?:(\w+)\s*(\+\+|--)|(\+\+|--)\s*(\w+))$/;
const ASSIGNMENT = /^([A-Za-z_]\w*)\s*(<<|>>|[-+*/%&|^])?=(?!=)([\s\S]*)$/;
const TERNARY = /^([^?]*)\?([^:]*):([\s\S]*)$/;

/** What is between `$((` and `))`: the operators of whole numbers are those of Python, written otherwise. */
export function evaluateArithmetic(text: string, scope: Variables): number {
  return text.split(',').reduce((_, part) => evaluatePart(part.trim(), scope), 0);
}

function evaluatePart(text: string, scope: Variables): number {
  const [, before, behindSign, sign, behind] = COUNT.exec(text) ?? [];
  const counted = before ?? behind;
  if (counted !== undefined) return count(counted, behindSign ?? sign, before !== undefined, scope);
  const [, name, operator, rest] = ASSIGNMENT.exec(text) ?? [];
  if (name !== undefined) {
    const value = evaluatePart(operator === undefined ? rest.trim() : `${name} ${operator} (${rest})`, scope);
    scope.assign(name, String(value));
    return value;
  }
  const [, condition, chosen, otherwise] = TERNARY.exec(text) ?? [];
  if (condition !== undefined)
    return evaluatePart((evaluatePart(condition.trim(), scope) === 0 ? otherwise : chosen).trim(), scope);
  return compute(text, scope);
}

/** The value before it is counted if the sign stands behind. */
function count(name: string, sign: string, isBehind: boolean, scope: Variables): number {
  const before = Number(scope.variable(name) ?? 0);
  const after = before + (sign === '++' ? 1 : -1);
  scope.assign(name, String(after));
  return isBehind ? before : after;
}

function compute(text: string, scope: Variables): number {
  const python = text
    .replaceAll('&&', ' and ')
    .replaceAll('||', ' or ')
    .replace(/!(?!=)/g, ' not ')
    .replace(/(?<!\/)\/(?!\/)/g, '//');
  const [statement, ...more] = splitStatements(python.trim()) ?? [];
  if (statement === undefined || more.length > 0) throw new ShellSyntaxError(`$((${text})) is not understood`);
  const valueOf = (name: string): number => {
    const value = Number(scope.variable(name) ?? 0);
    if (Number.isNaN(value)) throw new PythonError(`${name} is no number`);
    return value;
  };
  try {
    return Math.trunc(Number(new PythonExpression(statement.tokens, 0, valueOf).evaluate()));
  } catch (error) {
    throw new ShellSyntaxError(`$((${text})): ${(error as Error).message}`);
  }
}
