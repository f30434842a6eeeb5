import { memberOf } from './classes.ts';
import { FUNCTIONS } from './functions.ts';
import { callMethod } from './methods.ts';
import { itemOf } from './items.ts';
import { compare, operate } from './operators.ts';
import { stringValue } from './strings.ts';
import type { PythonToken } from './tokens.ts';
import {
  isTrue,
  itemsOf,
  numberOf,
  PythonDict,
  PythonError,
  PythonFunction,
  PythonList,
  PythonSet,
  type Named,
  type PythonValue,
} from './values.ts';

/** Undefined for a name that is none. */
export type Names = (name: string) => PythonValue | undefined;

const END: PythonToken = { kind: 'end', text: '' };

/** Binary operators but comparisons, those that bind least first. */
const LEVELS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '//', '/', '%']];
const COMPARISONS = ['<', '>', '<=', '>=', '==', '!=', '<>'];

/** Arguments of a call, in order and by name. */
interface Args {
  readonly values: PythonValue[];
  readonly named: Named;
}

/** Evaluates an expression: arithmetic, bits, chained comparisons, and, or, not, lists, dicts, strings, calls. */
export class PythonExpression {
  readonly #tokens: readonly PythonToken[];
  readonly #names: Names;
  #at: number;
  /** Above 0 what is read has no effect: it is not to be evaluated. */
  #skipping = 0;

  constructor(tokens: readonly PythonToken[], at: number, names: Names) {
    this.#tokens = tokens;
    this.#at = at;
    this.#names = names;
  }

  /** Stops at a comma on the top level, or at the end. */
  evaluate(): PythonValue {
    const value = this.#conditional();
    if (this.#next.kind !== 'end' && this.#next.text !== ',')
      throw new PythonError(`'${this.#next.text}' is not understood`);
    return value;
  }

  /** All of it: with commas, a tuple. */
  evaluateAll(): PythonValue {
    const first = this.evaluate();
    if (this.#tokens[this.#at] === undefined) return first;
    const items = [first];
    while (this.more() && this.#at < this.#tokens.length) items.push(this.evaluate());
    return new PythonList(items);
  }

  /** Of the token behind what was evaluated. */
  get position(): number {
    return this.#at;
  }

  /** Whether another expression follows, behind a comma, which is taken. */
  more(): boolean {
    return this.#accept(',');
  }

  get #next(): PythonToken {
    return this.#tokens[this.#at] ?? END;
  }

  #accept(text: string): boolean {
    const found = this.#next.text === text && this.#next.kind !== 'string';
    if (found) this.#at++;
    return found;
  }

  /** `a if condition else b`. */
  #conditional(): PythonValue {
    if (this.#accept('lambda')) return this.#lambda();
    const start = this.#at;
    if (!this.#tokens.slice(start).some(({ kind, text }) => kind === 'name' && text === 'if')) return this.#or();
    this.#skip(true, () => this.#or());
    if (this.#next.text !== 'if') {
      this.#at = start;
      return this.#or();
    }
    this.#at++;
    const isWanted = isTrue(this.#or());
    if (!this.#accept('else')) throw new PythonError("an 'else' is missing");
    if (!isWanted) return this.#conditional();
    this.#skip(true, () => this.#conditional());
    const end = this.#at;
    this.#at = start;
    const value = this.#or();
    this.#at = end;
    return value;
  }

  #skip<T>(isSkipped: boolean, read: () => T): T {
    this.#skipping += Number(isSkipped);
    try {
      return read();
    } finally {
      this.#skipping -= Number(isSkipped);
    }
  }

  /** `lambda a, b: a + b`, without the first word. */
  #lambda(): PythonValue {
    const parameters: string[] = [];
    const otherwise = new Map<string, PythonValue>();
    while (!this.#accept(':')) {
      if (this.#accept('=')) otherwise.set(parameters.at(-1)!, this.#or());
      else if (this.#next.kind === 'name') parameters.push(this.#tokens[this.#at++].text);
      else if (!this.#accept(',')) throw new PythonError("a ':' is missing");
    }
    const start = this.#at;
    this.#skip(true, () => this.#conditional());
    const body = this.#tokens.slice(start, this.#at);
    return new PythonFunction((args, named) => {
      const own = new Map(parameters.map((name, i) => [name, args[i] ?? named[name] ?? otherwise.get(name)]));
      return new PythonExpression(body, 0, (name) => own.get(name) ?? this.#names(name)).evaluate();
    });
  }

  #or(): PythonValue {
    let value = this.#and();
    while (this.#accept('or')) {
      const isDone = isTrue(value);
      const other = this.#skip(isDone, () => this.#and());
      value = isDone ? value : other;
    }
    return value;
  }

  #and(): PythonValue {
    let value = this.#not();
    while (this.#accept('and')) {
      const isDone = !isTrue(value);
      const other = this.#skip(isDone, () => this.#not());
      value = isDone ? value : other;
    }
    return value;
  }

  #not(): PythonValue {
    return this.#accept('not') ? Number(!isTrue(this.#not())) : this.#comparison();
  }

  /** `a <= x <= b` holds when both do. */
  #comparison(): PythonValue {
    let left = this.#binary(0);
    let holds: boolean | null = null;
    for (let operator = this.#comparator(); operator !== null; operator = this.#comparator()) {
      const right = this.#binary(0);
      holds = (holds ?? true) && (this.#skipping > 0 || compare(operator, left, right));
      left = right;
    }
    return holds === null ? left : Number(holds);
  }

  #comparator(): string | null {
    const { kind, text } = this.#next;
    if (kind === 'operator' && COMPARISONS.includes(text)) {
      this.#at++;
      return text;
    }
    if (this.#accept('in')) return 'in';
    if (this.#accept('is')) return this.#accept('not') ? 'is not' : 'is';
    if (kind !== 'name' || text !== 'not' || this.#tokens[this.#at + 1]?.text !== 'in') return null;
    this.#at += 2;
    return 'not in';
  }

  #binary(level: number): PythonValue {
    if (level === LEVELS.length) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = LEVELS[level].find((each) => this.#next.text === each && this.#next.kind === 'operator');
      if (operator === undefined) return left;
      this.#at++;
      const right = this.#binary(level + 1);
      left = this.#skipping > 0 ? 0 : operate(operator, left, right);
    }
  }

  #unary(): PythonValue {
    if (this.#accept('-')) return -this.#number();
    if (this.#accept('+')) return this.#number();
    if (this.#accept('~')) return -this.#number() - 1;
    const base = this.#postfix();
    if (!this.#accept('**')) return base;
    const exponent = this.#unary();
    return this.#skipping > 0 ? 0 : operate('**', base, exponent);
  }

  #number(): number {
    const value = this.#unary();
    return this.#skipping > 0 ? 0 : numberOf(value);
  }

  /** Calls, items and members of what comes first. */
  #postfix(): PythonValue {
    let value = this.#primary();
    for (;;) {
      if (this.#accept('[')) value = this.#item(value);
      else if (this.#accept('.')) value = this.#member(value);
      else if (value instanceof PythonFunction && this.#accept('(')) value = this.#apply(value);
      else return value;
    }
  }

  #apply(value: PythonFunction): PythonValue {
    const { values, named } = this.#args(')');
    return this.#skipping > 0 ? 0 : value.call(values, named);
  }

  #member(value: PythonValue): PythonValue {
    const name = this.#next.text;
    this.#at++;
    const member = this.#skipping > 0 ? undefined : memberOf(value, name);
    if (member !== undefined) return member;
    if (!this.#accept('(')) {
      if (this.#skipping > 0) return 0;
      throw new PythonError(`there is no ${name} of it`);
    }
    const { values, named } = this.#args(')');
    return this.#skipping > 0 ? 0 : callMethod(value, name, values, named);
  }

  /** `[i]`, `[from:to:step]`. */
  #item(value: PythonValue): PythonValue {
    const parts: (PythonValue | null)[] = [null];
    while (!this.#accept(']')) {
      if (this.#accept(':')) parts.push(null);
      else if (this.#next.kind === 'end') throw new PythonError("a ']' is missing");
      else parts[parts.length - 1] = this.evaluateItem();
    }
    if (this.#skipping > 0) return 0;
    return itemOf(value, parts);
  }

  /** Stops at whatever does not belong to it. */
  evaluateItem(): PythonValue {
    return this.#conditional();
  }

  #primary(): PythonValue {
    const token = this.#next;
    this.#at++;
    if (token.kind === 'number') return Number(token.text.replaceAll('_', ''));
    if (token.kind === 'string') return this.#strings(token.text);
    if (token.kind === 'name') return this.#next.text === '(' ? this.#call(token.text) : this.#value(token.text);
    if (token.text === '[') return new PythonList(this.#list(']'));
    if (token.text === '{') return this.#braces();
    if (token.text !== '(')
      throw new PythonError(token.kind === 'end' ? 'the code ends too early' : `'${token.text}' is not understood`);
    const values = this.#list(')');
    const isTuple = values.length !== 1 || this.#wasLoop || this.#tokens[this.#at - 2].text === ',';
    return isTuple ? new PythonList(values) : values[0];
  }

  /** Strings side by side are one. */
  #strings(first: string): string {
    let text = this.#string(first);
    while (this.#next.kind === 'string') {
      text += this.#string(this.#next.text);
      this.#at++;
    }
    return text;
  }

  #string(written: string): string {
    if (this.#skipping > 0) return '';
    return stringValue(written, (tokens) => new PythonExpression(tokens, 0, this.#names).evaluateAll());
  }

  #value(name: string): PythonValue {
    const value = this.#names(name);
    if (value !== undefined) return value;
    if (this.#skipping > 0) return 0;
    if (Object.hasOwn(FUNCTIONS, name)) return new PythonFunction((args, named) => FUNCTIONS[name](args, named), name);
    throw new PythonError(
      /^tcpi_|^tcpv_|^bbr_|^dctcp_/.test(name) ? `the stack does not count ${name}` : `there is no ${name}`,
    );
  }

  #call(name: string): PythonValue {
    this.#at++;
    const { values, named } = this.#args(')');
    if (this.#skipping > 0) return 0;
    const own = this.#names(name);
    if (own instanceof PythonFunction) return own.call(values, named);
    if (!Object.hasOwn(FUNCTIONS, name)) throw new PythonError(`there is no function ${name}`);
    return FUNCTIONS[name](values, named);
  }

  /** Up to and including what closes it. */
  #args(close: string): Args {
    const [values, named]: [PythonValue[], Record<string, PythonValue>] = [[], {}];
    if (this.#loopAhead() !== null) return { values: [new PythonList(this.#list(close))], named };
    while (!this.#accept(close)) {
      if (this.#accept(',')) continue;
      if (this.#next.kind === 'end') throw new PythonError(`a '${close}' is missing`);
      const isStarred = this.#accept('*');
      const isNamed = this.#next.kind === 'name' && this.#tokens[this.#at + 1]?.text === '=';
      const name = this.#next.text;
      if (isNamed) this.#at += 2;
      const value = this.#conditional();
      if (isNamed) named[name] = value;
      else if (isStarred && this.#skipping === 0) values.push(...itemsOf(value));
      else values.push(value);
      if (this.#next.text !== ',' && this.#next.text !== close) throw new PythonError(`a '${close}' is missing`);
    }
    return { values, named };
  }

  /** Items with commas between them, or what a loop makes. Up to and including what closes them. */
  #list(close: string): PythonValue[] {
    const loop = this.#loopAhead();
    this.#wasLoop = loop !== null;
    if (loop !== null) {
      const items: PythonValue[] = [];
      this.#loop(loop, close, (element) => items.push(element.evaluateItem()));
      return items;
    }
    return this.#args(close).values;
  }

  /** Whether the last list was made by a loop. */
  #wasLoop = false;

  /** `{a, b}`, `{a: 1}`, and both with a loop. */
  #braces(): PythonValue {
    const dict = new PythonDict();
    const loop = this.#loopAhead();
    const start = this.#at;
    if (this.#accept('}')) return dict;
    this.#skip(true, () => this.#conditional());
    const isDict = this.#next.text === ':';
    this.#at = start;
    if (!isDict) return new PythonSet(this.#list('}'));
    if (loop !== null) this.#loop(loop, '}', (element) => element.#entry(dict));
    else {
      while (!this.#accept('}')) {
        if (this.#accept(',')) continue;
        if (this.#next.kind === 'end') throw new PythonError("a '}' is missing");
        this.#entry(dict);
      }
    }
    return dict;
  }

  /** `key: value`. */
  #entry(dict: PythonDict): void {
    const key = this.#conditional();
    if (!this.#accept(':')) throw new PythonError("a ':' is missing");
    const value = this.#conditional();
    if (this.#skipping === 0) dict.set(key, value);
  }

  /** Where the `for` of the list is that begins here; null when it has none. */
  #loopAhead(): number | null {
    let depth = 0;
    for (let at = this.#at; at < this.#tokens.length; at++) {
      const { kind, text } = this.#tokens[at];
      if (kind === 'name' && text === 'for' && depth === 0) return at;
      if (kind !== 'operator') continue;
      if ('([{'.includes(text)) depth++;
      if (')]}'.includes(text) && --depth < 0) return null;
      if (text === ',' && depth === 0) return null;
    }
    return null;
  }

  /** `element for a, b in list if condition`, perhaps with more of the same; `visit` gets the element with its names. */
  #loop(at: number, close: string, visit: (element: PythonExpression) => void): void {
    const element = this.#tokens.slice(this.#at, at);
    this.#at = at;
    const clauses = this.#clauses(close);
    if (this.#skipping > 0) return;
    const each = (depth: number, names: Names): void => {
      const clause = clauses[depth];
      if (clause === undefined) return visit(new PythonExpression(element, 0, names));
      for (const item of itemsOf(new PythonExpression(clause.list, 0, names).evaluateAll())) {
        const own = new Map(
          clause.targets.map((name, i) => [name, clause.targets.length === 1 ? item : itemsOf(item)[i]]),
        );
        const inner: Names = (name) => own.get(name) ?? names(name);
        if (clause.conditions.every((tokens) => isTrue(new PythonExpression(tokens, 0, inner).evaluate())))
          each(depth + 1, inner);
      }
    };
    each(0, this.#names);
  }

  #clauses(close: string): Clause[] {
    const clauses: Clause[] = [];
    while (this.#accept('for')) {
      const targets: string[] = [];
      while (!this.#accept('in')) {
        if (this.#next.kind === 'end') throw new PythonError("an 'in' is missing");
        if (this.#next.kind === 'name') targets.push(this.#next.text);
        this.#at++;
      }
      const list = this.#tokensOf(() => this.#or());
      const conditions: (readonly PythonToken[])[] = [];
      while (this.#accept('if')) conditions.push(this.#tokensOf(() => this.#or()));
      clauses.push({ targets, list, conditions });
    }
    if (!this.#accept(close)) throw new PythonError(`a '${close}' is missing`);
    return clauses;
  }

  #tokensOf(read: () => void): readonly PythonToken[] {
    const start = this.#at;
    this.#skip(true, read);
    return this.#tokens.slice(start, this.#at);
  }
}

/** One `for` of a list that is made by loops. */
interface Clause {
  readonly targets: readonly string[];
  readonly list: readonly PythonToken[];
  readonly conditions: readonly (readonly PythonToken[])[];
}
