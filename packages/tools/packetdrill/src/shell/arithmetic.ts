import { PythonExpression } from '../python/expression.ts';
import { splitStatements } from '../python/tokens.ts';
import { PythonError } from '../python/values.ts';
import type { ShellScope } from './expand.ts';
import { ShellSyntaxError } from './syntax-error.ts';

/** What is between `$((` and `))`: the operators of whole numbers are those of Python, but for the division. */
export function evaluateArithmetic(text: string, scope: Pick<ShellScope, 'variable'>): number {
  const [statement, ...more] = splitStatements(text.trim()) ?? [];
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
