import { PythonExpression, type Names } from './expression.ts';
import type { PythonToken } from './tokens.ts';
import type { Block } from './blocks.ts';
import { PythonDict, PythonError, PythonList, type Named, type PythonValue } from './values.ts';

/** Names of a function that runs. */
export class Scope extends Map<string, PythonValue> {
  readonly #globals: Map<string, PythonValue>;
  readonly #shared = new Set<string>();

  constructor(globals: Map<string, PythonValue>) {
    super();
    this.#globals = globals;
  }

  /** `global name`. */
  share(name: string): void {
    this.#shared.add(name);
    this.delete(name);
  }

  override set(name: string, value: PythonValue): this {
    if (this.#shared.has(name)) this.#globals.set(name, value);
    else super.set(name, value);
    return this;
  }
}

export interface Parameter {
  readonly name: string;
  readonly otherwise: PythonValue | undefined;
  /** `*` takes all that is left, `**` all that is named otherwise. */
  readonly stars: string;
}

/** What the parameters are in a call. Throws a {@link PythonError} when one is missing, or there are too many. */
export function bind(
  name: string,
  parameters: readonly Parameter[],
  args: readonly PythonValue[],
  named: Named,
): [string, PythonValue][] {
  const rest = parameters.findIndex(({ stars }) => stars === '*');
  const plain = parameters.filter(({ stars }) => stars === '');
  const values = parameters.map(({ name: each, otherwise, stars }, i): [string, PythonValue | undefined] => {
    if (stars === '*') return [each, new PythonList(args.slice(i))];
    if (stars === '') return [each, (rest >= 0 && i > rest ? undefined : args[i]) ?? named[each] ?? otherwise];
    const others = new PythonDict();
    for (const [key, value] of Object.entries(named))
      if (!plain.some((parameter) => parameter.name === key)) others.set(key, value);
    return [each, others];
  });
  if ((rest < 0 && args.length > plain.length) || values.some(([, value]) => value === undefined))
    throw new PythonError(`${name} needs ${plain.length} arguments`);
  return values as [string, PythonValue][];
}

/** Where the parameters end: behind them may stand what type comes back. */
function behindParameters(tokens: readonly PythonToken[]): number {
  return tokens.findLastIndex(({ text }) => text === ')');
}

/** Of `def name(a, b=1, *rest, **others)`. */
export function parametersOf(all: readonly PythonToken[], names: Names): Parameter[] {
  const tokens = all.slice(3, behindParameters(all));
  const parameters: Parameter[] = [];
  let stars = '';
  for (let at = 0; at < tokens.length; at++) {
    const { kind, text } = tokens[at];
    if (kind === 'operator' && text.startsWith('*')) stars = text;
    if (kind !== 'name') continue;
    let otherwise: PythonValue | undefined;
    if (tokens[at + 1]?.text === ':') at += 2; // what type it is means nothing
    if (tokens[at + 1]?.text === '=') {
      const value = new PythonExpression(tokens, at + 2, names);
      otherwise = value.evaluateItem();
      at = value.position;
    }
    parameters.push({ name: text, otherwise, stars });
    stars = '';
  }
  return parameters;
}

/** Under this name a generator has what it has made so far: no name that code can write. */
export const YIELDED = '(yielded)';

export function yields(body: readonly Block[]): boolean {
  return body.some(({ tokens, body: inner }) => tokens[0].text === 'yield' || yields(inner));
}

/** Generators run to their end at once: what they make is a list. */
export function yieldTo(
  scope: Map<string, PythonValue>,
  tokens: readonly PythonToken[],
  rest: () => PythonValue,
): void {
  const yielded = scope.get(YIELDED);
  if (!(yielded instanceof PythonList)) throw new PythonError("'yield' stands outside");
  if (tokens[1]?.text === 'from') throw new PythonError("'yield from' is not supported");
  yielded.items.push(tokens.length > 1 ? rest() : 0);
}
