import { ScriptError } from '../language/script-error.ts';
import { blocksOf, type Block } from './blocks.ts';
import { PythonExpression, type Names } from './expression.ts';
import { operate } from './operators.ts';
import { splitStatements, type PythonToken } from './tokens.ts';
import { isTrue, itemsOf, PythonError, PythonFunction, textOf, type PythonValue } from './values.ts';

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '|=', '&=', '//='];
/** More rounds than any loop of a script needs. */
const ENDLESS = 1_000_000;

/** What code leaves behind for the code after it. */
export class PythonMemory {
  readonly variables = new Map<string, PythonValue>();
}

/** `return`, `break` and `continue` leave what they stand in. */
class Leaving extends Error {
  readonly how: string;
  readonly value: PythonValue;

  constructor(how: string, value: PythonValue) {
    super(`'${how}' stands outside`);
    this.how = how;
    this.value = value;
  }
}

/**
 * Runs the code of a script. `names` are the values of the moment. Throws a {@link ScriptError} with the line of the
 * statement that fails.
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
  const program = new Program(firstLine, memory.variables, print);
  try {
    program.run(blocksOf(statements), null);
  } catch (error) {
    if (error instanceof PythonError || error instanceof Leaving) throw new ScriptError(firstLine, error.message);
    throw error;
  }
}

class Program {
  readonly #firstLine: number;
  readonly #globals: Map<string, PythonValue>;
  readonly #print: (text: string) => void;

  constructor(firstLine: number, globals: Map<string, PythonValue>, print: (text: string) => void) {
    this.#firstLine = firstLine;
    this.#globals = globals;
    this.#print = print;
  }

  /** `locals`: of the function that runs, null outside of one. */
  run(blocks: readonly Block[], locals: Map<string, PythonValue> | null): void {
    let isDone = false;
    for (const block of blocks) {
      const [{ text }] = block.tokens;
      if ((text === 'elif' || text === 'else') && isDone) continue;
      try {
        isDone = this.#statement(block, locals);
      } catch (error) {
        if (error instanceof PythonError) throw new ScriptError(this.#firstLine + block.line, error.message);
        throw error;
      }
    }
  }

  /** True when no `else` behind it is to run. */
  #statement({ tokens, body }: Block, locals: Map<string, PythonValue> | null): boolean {
    const names: Names = (name) => locals?.get(name) ?? this.#globals.get(name);
    const [{ text }] = tokens;
    switch (text) {
      case 'if':
      case 'elif':
      case 'else':
        if (text !== 'else' && !isTrue(new PythonExpression(tokens, 1, names).evaluate())) return false;
        this.run(body, locals);
        return true;
      case 'while':
        return this.#loop(body, locals, () => isTrue(new PythonExpression(tokens, 1, names).evaluate()));
      case 'for':
        return this.#for(tokens, body, names, locals);
      case 'def':
        this.#define(tokens, body);
        return true;
      default:
        this.#simple(tokens, names, locals ?? this.#globals);
        return true;
    }
  }

  #loop(body: readonly Block[], locals: Map<string, PythonValue> | null, goesOn: () => boolean): boolean {
    for (let round = 0; goesOn(); round++) {
      if (round === ENDLESS) throw new PythonError('the loop does not end');
      try {
        this.run(body, locals);
      } catch (error) {
        if (!(error instanceof Leaving) || error.how === 'return') throw error;
        if (error.how === 'break') return true;
      }
    }
    return false;
  }

  /** `for a, b in list`. */
  #for(
    tokens: readonly PythonToken[],
    body: readonly Block[],
    names: Names,
    locals: Map<string, PythonValue> | null,
  ): boolean {
    const at = tokens.findIndex(({ text }) => text === 'in');
    if (at < 0) throw new PythonError("an 'in' is missing");
    const items = itemsOf(new PythonExpression(tokens, at + 1, names).evaluateAll()).values();
    return this.#loop(body, locals, () => {
      const { value, done } = items.next();
      if (done !== true) assign(locals ?? this.#globals, tokens.slice(1, at), value);
      return done !== true;
    });
  }

  #define(tokens: readonly PythonToken[], body: readonly Block[]): void {
    const parameters = tokens.slice(2).filter(({ kind }) => kind === 'name');
    const call = (args: readonly PythonValue[]): PythonValue => {
      if (args.length !== parameters.length)
        throw new PythonError(`${tokens[1].text} needs ${parameters.length} arguments`);
      try {
        this.run(body, new Map(parameters.map(({ text }, i) => [text, args[i]])));
      } catch (error) {
        if (error instanceof Leaving && error.how === 'return') return error.value;
        throw error;
      }
      return 0;
    };
    this.#globals.set(tokens[1].text, new PythonFunction(call));
  }

  #simple(tokens: readonly PythonToken[], names: Names, scope: Map<string, PythonValue>): void {
    const [{ kind, text }, second] = tokens;
    const rest = (): PythonValue => new PythonExpression(tokens, 1, names).evaluateAll();
    if (text === 'assert') return runAssert(tokens, names, scope);
    if (text === 'print') return this.#print(printed(tokens, names));
    if (['pass', 'import', 'from', 'global'].includes(text)) return;
    if (['return', 'break', 'continue'].includes(text)) throw new Leaving(text, tokens.length > 1 ? rest() : 0);
    const equals = tokens.findIndex((token) => token.kind === 'operator' && ASSIGNMENTS.includes(token.text));
    if (equals > 0 && tokens[equals].text === '=' && isTarget(tokens.slice(0, equals))) {
      assign(scope, tokens.slice(0, equals), new PythonExpression(tokens, equals + 1, names).evaluateAll());
    } else if (equals === 1 && kind === 'name') {
      const value = new PythonExpression(tokens, 2, names).evaluateAll();
      const before = new PythonExpression(tokens.slice(0, 1), 0, names).evaluate();
      scope.set(text, operate(second.text.slice(0, -1), before, value));
    } else if (kind === 'name' && second !== undefined && '(.'.includes(second.text)) {
      new PythonExpression(tokens, 0, names).evaluateAll();
    } else throw new PythonError(`'${text}' is not supported`);
  }
}

function isTarget(tokens: readonly PythonToken[]): boolean {
  return tokens.every(({ kind, text }) => kind === 'name' || text === ',');
}

/** To a name, or to several with commas between them. */
function assign(scope: Map<string, PythonValue>, target: readonly PythonToken[], value: PythonValue): void {
  const names = target.filter(({ kind }) => kind === 'name');
  if (names.length === 1) scope.set(names[0].text, value);
  else names.forEach(({ text }, i) => scope.set(text, itemsOf(value)[i]));
}

function runAssert(all: readonly PythonToken[], names: Names, scope: ReadonlyMap<string, PythonValue>): void {
  const expression = new PythonExpression(all, 1, names);
  if (isTrue(expression.evaluate())) return;
  const tokens = all.slice(0, expression.position);
  const used = tokens.filter(({ kind, text }) => kind === 'name' && (scope.has(text) || names(text) !== undefined));
  const values = [...new Set(used.map(({ text }) => text))].map((name) => `${name} = ${textOf(names(name)!)}`);
  const written = tokens.slice(1).map(({ text }) => text);
  throw new PythonError(`expected ${written.join(' ')}, saw ${values.join(', ')}`);
}

function printed(tokens: readonly PythonToken[], names: Names): string {
  const isCall = tokens[1]?.text === '(' && tokens.at(-1)?.text === ')';
  const inner = isCall ? tokens.slice(2, -1) : tokens.slice(1);
  const named = inner.findIndex(({ kind }, i) => kind === 'name' && inner[i + 1]?.text === '=');
  const shown = named < 0 ? inner : inner.slice(0, Math.max(0, named - 1));
  if (shown.length === 0) return '';
  const expression = new PythonExpression(shown, 0, names);
  const values = [expression.evaluate()];
  while (expression.more()) values.push(expression.evaluate());
  return values.map(textOf).join(' ');
}
