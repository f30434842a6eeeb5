import { PythonError, PythonExpression } from '../python/expression.ts';
import { splitStatements } from '../python/tokens.ts';
import { ShellSyntaxError } from './syntax-error.ts';

/** What is between `$((` and `))`: the operators of whole numbers are those of Python, but for the division. */
export function evaluateArithmetic(text: string): number {
  const [statement, ...more] = splitStatements(text) ?? [];
  if (statement === undefined || more.length > 0) throw new ShellSyntaxError(`$((${text})) is not understood`);
  const noNames = (name: string): never => {
    throw new PythonError(`there is no ${name}`);
  };
  try {
    return Math.trunc(Number(new PythonExpression(statement.tokens, 0, noNames).evaluate()));
  } catch (error) {
    throw new ShellSyntaxError(`$((${text})): ${(error as Error).message}`);
  }
}
