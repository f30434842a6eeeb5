import { callMethod, FUNCTIONS } from './functions.ts';
import { compare, operate } from './operators.ts';
import { splitStatements, type PythonToken } from './tokens.ts';
import {
  formatted,
  isTrue,
  itemsOf,
  numberOf,
  PythonError,
  PythonFunction,
  PythonList,
  textOf,
  type PythonValue,
} from './values.ts';

/** Undefined for a name that is none. */
export type Names = (name: string) => PythonValue | undefined;

const END: PythonToken = { kind: 'end', text: '' };

/** Binary operators but comparisons, those that bind least first. */
const LEVELS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '//', '/', '%']];
const COMPARISONS = ['<', '>', '<=', '>=', '==', '!='];

/** Evaluates an expression: arithmetic, bits, chained comparisons, and, or, not, lists, strings, calls. */
export class PythonExpression {
  readonly #tokens: readonly PythonToken[];
  readonly #names: Names;
  #at: number;

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
    const value = this.#or();
    if (!this.#accept('if')) return value;
    const isWanted = isTrue(this.#or());
    if (!this.#accept('else')) throw new PythonError("an 'else' is missing");
    const otherwise = this.#conditional();
    return isWanted ? value : otherwise;
  }

  #or(): PythonValue {
    let value = this.#and();
    while (this.#accept('or')) {
      const other = this.#and();
      value = isTrue(value) ? value : other;
    }
    return value;
  }

  #and(): PythonValue {
    let value = this.#not();
    while (this.#accept('and')) {
      const other = this.#not();
      value = isTrue(value) ? other : value;
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
      holds = (holds ?? true) && compare(operator, left, right);
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
      left = operate(operator, left, this.#binary(level + 1));
    }
  }

  #unary(): PythonValue {
    if (this.#accept('-')) return -numberOf(this.#unary());
    if (this.#accept('+')) return numberOf(this.#unary());
    if (this.#accept('~')) return ~numberOf(this.#unary());
    const base = this.#postfix();
    return this.#accept('**') ? operate('**', base, this.#unary()) : base;
  }

  /** Calls, items and methods of what comes first. */
  #postfix(): PythonValue {
    let value = this.#primary();
    for (;;) {
      if (this.#accept('[')) value = this.#item(value);
      else if (this.#accept('.')) {
        const name = this.#next.text;
        this.#at += 2;
        value = callMethod(value, name, this.#list(')'));
      } else return value;
    }
  }

  #item(value: PythonValue): PythonValue {
    const items = itemsOf(value);
    const index = numberOf(this.#conditional());
    if (!this.#accept(']')) throw new PythonError("a ']' is missing");
    const item = items.at(index);
    if (item === undefined) throw new PythonError(`there is no item ${index}`);
    return item;
  }

  #primary(): PythonValue {
    const token = this.#next;
    this.#at++;
    if (token.kind === 'number') return Number(token.text.replaceAll('_', ''));
    if (token.kind === 'string') return this.#strings(token.text);
    if (token.kind === 'name') return this.#next.text === '(' ? this.#call(token.text) : this.#value(token.text);
    if (token.text === '[') return new PythonList(this.#list(']'));
    if (token.text !== '(')
      throw new PythonError(token.kind === 'end' ? 'the code ends too early' : `'${token.text}' is not understood`);
    const values = this.#list(')');
    const isTuple = values.length !== 1 || this.#tokens[this.#at - 2].text === ',';
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
    const [, prefix, body] = /^([fFrRuUbB]?)["']([\s\S]*)["']$/.exec(written)!;
    const text = prefix.toLowerCase() === 'r' ? body : body.replace(/\\n/g, '\n').replace(/\\(["'\\])/g, '$1');
    if (prefix.toLowerCase() !== 'f') return text;
    return text.replace(
      /\{\{|\}\}|\{([^{}]*?)(=?)(?::([^{}:]*))?\}/g,
      (mark, inner?: string, named = '', spec?: string) => {
        if (inner === undefined) return mark[0];
        const [statement] = splitStatements(inner.trim()) ?? [];
        if (statement === undefined) throw new PythonError(`{${inner}} is not understood`);
        const value = new PythonExpression(statement.tokens, 0, this.#names).evaluateAll();
        return `${named === '' ? '' : `${inner}=`}${spec === undefined ? textOf(value) : formatted(value, spec)}`;
      },
    );
  }

  #value(name: string): PythonValue {
    const value = this.#names(name);
    if (value !== undefined) return value;
    throw new PythonError(
      /^tcpi_|^tcpv_|^bbr_|^dctcp_/.test(name) ? `the stack does not count ${name}` : `there is no ${name}`,
    );
  }

  #call(name: string): PythonValue {
    this.#at++;
    const values = this.#list(')');
    const own = this.#names(name);
    if (own instanceof PythonFunction) return own.call(values);
    if (!Object.hasOwn(FUNCTIONS, name)) throw new PythonError(`there is no function ${name}`);
    return FUNCTIONS[name](values);
  }

  /** Up to and including what closes it. Arguments may have names, which change nothing here. */
  #list(close: string): PythonValue[] {
    const values: PythonValue[] = [];
    while (!this.#accept(close)) {
      if (values.length > 0 && !this.#accept(',')) throw new PythonError(`a '${close}' is missing`);
      if (this.#next.text === close) continue;
      if (this.#next.kind === 'name' && this.#tokens[this.#at + 1]?.text === '=') this.#at += 2;
      values.push(this.#conditional());
    }
    return values;
  }
}
