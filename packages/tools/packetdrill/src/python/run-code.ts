import { ScriptError } from '../language/script-error.ts';
import { assign, assignItem, assignmentIn, assignMember, isTarget, remove } from './assign.ts';
import { blocksOf, type Block } from './blocks.ts';
import { memberOf, PythonClass } from './classes.ts';
import { PythonExpression, type Names } from './expression.ts';
import { operate } from './operators.ts';
import { splitStatements, type PythonToken } from './tokens.ts';
import { importModules } from './modules.ts';
import { bind, parametersOf, Scope, YIELDED, yields, yieldTo } from './parameters.ts';
import { isTrue, itemsOf, PythonError, PythonFunction, PythonList, textOf, type PythonValue } from './values.ts';

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
    for (const [i, block] of blocks.entries()) {
      const [{ text }] = block.tokens;
      if ((text === 'elif' || text === 'else') && isDone) continue;
      if (text === 'except' || text === 'finally') continue;
      try {
        isDone = text === 'try' ? this.#try(blocks.slice(i), locals) : this.#statement(block, locals);
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
        (locals ?? this.#globals).set(tokens[1].text, this.#define(tokens, body, locals));
        return true;
      case 'class':
        this.#class(tokens, body, names);
        return true;
      case 'with':
        this.#with(tokens, body, names, locals);
        return true;
      default:
        this.#simple(tokens, names, locals ?? this.#globals);
        return true;
    }
  }

  /** `try` with the `except`, `else` and `finally` behind it. True when no `else` is to run. */
  #try([block, ...rest]: readonly Block[], locals: Map<string, PythonValue> | null): boolean {
    const end = rest.findIndex(({ tokens: [{ text }] }) => !['except', 'else', 'finally'].includes(text));
    const own = end < 0 ? rest : rest.slice(0, end);
    const [handler, last] = ['except', 'finally'].map((word) => own.find(({ tokens }) => tokens[0].text === word));
    try {
      this.run(block.body, locals);
      return false;
    } catch (error) {
      if (handler === undefined || error instanceof Leaving) throw error;
      const name = handler.tokens.findIndex(({ text }) => text === 'as');
      if (name > 0) (locals ?? this.#globals).set(handler.tokens[name + 1].text, (error as Error).message);
      this.run(handler.body, locals);
      return true;
    } finally {
      if (last !== undefined) this.run(last.body, locals);
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

  #define(
    tokens: readonly PythonToken[],
    body: readonly Block[],
    outer: ReadonlyMap<string, PythonValue> | null,
  ): PythonFunction {
    const parameters = parametersOf(tokens, (each) => this.#globals.get(each));
    const isGenerator = yields(body);
    return new PythonFunction((args, named) => {
      const locals = new Scope(this.#globals);
      for (const [name, value] of outer ?? []) locals.set(name, value);
      for (const [name, value] of bind(tokens[1].text, parameters, args, named)) locals.set(name, value);
      const yielded = new PythonList([]);
      if (isGenerator) locals.set(YIELDED, yielded);
      else locals.delete(YIELDED);
      try {
        this.run(body, locals);
      } catch (error) {
        if (!(error instanceof Leaving) || error.how !== 'return') throw error;
        if (!isGenerator) return error.value;
      }
      return isGenerator ? yielded : 0;
    });
  }

  /** `class A:`, `class B(A):`. */
  #class(tokens: readonly PythonToken[], body: readonly Block[], names: Names): void {
    const base = tokens[2]?.text === '(' && tokens[3].text !== ')' ? names(tokens[3].text) : undefined;
    const made = new PythonClass(tokens[1].text, base instanceof PythonClass ? base : null);
    this.run(body, made.members);
    this.#globals.set(tokens[1].text, made);
  }

  /** `with a as b:`. */
  #with(
    tokens: readonly PythonToken[],
    body: readonly Block[],
    names: Names,
    locals: Map<string, PythonValue> | null,
  ): void {
    const as = tokens.findIndex(({ text }) => text === 'as');
    const held = new PythonExpression(as < 0 ? tokens : tokens.slice(0, as), 1, names).evaluate();
    const call = (name: string, args: readonly PythonValue[]): PythonValue => {
      const method = memberOf(held, name);
      return method instanceof PythonFunction ? method.call(args, {}) : held;
    };
    const entered = call('__enter__', []);
    if (as > 0) assign(locals ?? this.#globals, tokens.slice(as + 1), entered);
    try {
      this.run(body, locals);
    } finally {
      call('__exit__', [0, 0, 0]);
    }
  }

  #simple(tokens: readonly PythonToken[], names: Names, scope: Map<string, PythonValue>): void {
    const [{ kind, text }, second] = tokens;
    const rest = (): PythonValue => new PythonExpression(tokens, 1, names).evaluateAll();
    if (text === 'assert') return runAssert(tokens, names, scope);
    if (text === 'print') return this.#print(printed(tokens, names));
    if (text === 'import' || text === 'from') return importModules(tokens, this.#globals, this.#print);
    if (text === 'raise') throw new PythonError(tokens.length > 1 ? textOf(rest()) : 'an error is raised again');
    if (text === 'del') return remove(tokens, names, scope);
    if (text === 'pass' || text === '...') return;
    if (text === 'nonlocal') throw new PythonError("'nonlocal' is not supported");
    if (text === 'global') {
      if (scope instanceof Scope) tokens.slice(1).forEach((token) => scope.share(token.text));
      return;
    }
    if (text === 'yield') return yieldTo(scope, tokens, rest);
    if (['return', 'break', 'continue'].includes(text)) throw new Leaving(text, tokens.length > 1 ? rest() : 0);
    const equals = assignmentIn(tokens);
    const target = tokens.slice(0, Math.max(equals, 0));
    if (target.at(-1)?.text === ']' && target.length > 3) {
      assignItem(tokens, equals, names);
    } else if (target.length > 2 && target.at(-2)?.text === '.' && !target.some((token) => token.text === ',')) {
      assignMember(tokens, equals, names);
    } else if (equals > 0 && tokens[equals].text === '=' && isTarget(target)) {
      const more = tokens.findIndex(
        (token, i) =>
          i > equals && token.kind === 'operator' && token.text === '=' && isTarget(tokens.slice(equals + 1, i)),
      );
      const value = new PythonExpression(tokens, (more < 0 ? equals : more) + 1, names).evaluateAll();
      assign(scope, target, value);
      if (more > 0) assign(scope, tokens.slice(equals + 1, more), value);
    } else if (equals === 1 && kind === 'name') {
      const value = new PythonExpression(tokens, 2, names).evaluateAll();
      const before = new PythonExpression(tokens.slice(0, 1), 0, names).evaluate();
      scope.set(text, operate(second.text.slice(0, -1), before, value));
    } else if (kind === 'string' || (kind === 'name' && (second === undefined || '(.['.includes(second.text)))) {
      new PythonExpression(tokens, 0, names).evaluateAll();
    } else throw new PythonError(`'${text}' is not supported`);
  }
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
