import { ScriptError } from '../language/script-error.ts';
import { isTrue, operate, PythonError, PythonExpression, type Names, type PythonValue } from './expression.ts';
import { splitStatements, type PythonToken, type Statement } from './tokens.ts';

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '|=', '&='];

/** What code leaves behind for the code after it. */
export class PythonMemory {
  readonly variables = new Map<string, PythonValue>();
}

/**
 * Runs the code of a script: assert, assignments and print. `names` are the values of the moment. Throws a
 * {@link ScriptError} with the line of the statement that fails.
 */
export function runCode(
  code: string,
  firstLine: number,
  memory: PythonMemory,
  names: ReadonlyMap<string, PythonValue>,
  print: (text: string) => void,
): void {
  const statements = splitStatements(code);
  if (statements === null) throw new ScriptError(firstLine, 'the code is not understood');
  for (const [name, value] of names) memory.variables.set(name, value);
  for (const statement of statements) {
    try {
      runStatement(statement, memory, print);
    } catch (error) {
      if (error instanceof PythonError) throw new ScriptError(firstLine + statement.line, error.message);
      throw error;
    }
  }
}

function runStatement({ tokens }: Statement, memory: PythonMemory, print: (text: string) => void): void {
  const names: Names = (name) => lookUp(memory, name);
  const [first, second] = tokens;
  if (first.text === 'assert') return runAssert(tokens, names, memory);
  if (first.text === 'print') {
    print(printed(tokens, names));
    return;
  }
  if (first.kind !== 'name' || !ASSIGNMENTS.includes(second?.text))
    throw new PythonError(`'${first.text}' is not supported`);
  const value = new PythonExpression(tokens, 2, names).evaluate();
  const operator = second.text.slice(0, -1);
  memory.variables.set(first.text, operator === '' ? value : operate(operator, names(first.text), value));
}

function runAssert(all: readonly PythonToken[], names: Names, { variables }: PythonMemory): void {
  const expression = new PythonExpression(all, 1, names);
  if (isTrue(expression.evaluate())) return;
  const tokens = all.slice(0, expression.position);
  const used = tokens.filter(({ kind, text }) => kind === 'name' && variables.has(text)).map(({ text }) => text);
  const values = [...new Set(used)].map((name) => `${name} = ${variables.get(name)}`);
  throw new PythonError(
    `expected ${tokens
      .slice(1)
      .map(({ text }) => text)
      .join(' ')}, saw ${values.join(', ')}`,
  );
}

function lookUp({ variables }: PythonMemory, name: string): PythonValue {
  const value = variables.get(name);
  if (value === undefined && /^tcpi_|^tcpcc/.test(name)) throw new PythonError(`the stack does not count ${name}`);
  if (value === undefined) throw new PythonError(`there is no ${name}`);
  return value;
}

function printed(tokens: readonly PythonToken[], names: Names): string {
  const inner = tokens[1]?.text === '(' ? tokens.slice(2, -1) : tokens.slice(1);
  if (inner.length === 0) return '';
  const expression = new PythonExpression(inner, 0, names);
  const values = [expression.evaluate()];
  while (expression.more()) values.push(expression.evaluate());
  return values.join(' ');
}
