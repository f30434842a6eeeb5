import type { PythonToken } from './tokens.ts';

export type PythonValue = number | string;

/** What is wrong with the code. */
export class PythonError extends Error {}

export type Names = (name: string) => PythonValue;

const END: PythonToken = { kind: 'end', text: '' };

/** Binary operators but comparisons, those that bind least first. */
const LEVELS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '//', '/', '%']];
const COMPARISONS = ['<', '>', '<=', '>=', '==', '!='];

/** Evaluates an expression of whole numbers: arithmetic, bits, chained comparisons, and, or, not. */
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
    const value = this.#or();
    if (this.#next.kind !== 'end' && this.#next.text !== ',')
      throw new PythonError(`'${this.#next.text}' is not understood`);
    return value;
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
    for (;;) {
      const operator = COMPARISONS.find((each) => this.#next.text === each);
      if (operator === undefined) return holds === null ? left : Number(holds);
      this.#at++;
      const right = this.#binary(0);
      holds = (holds ?? true) && compare(operator, left, right);
      left = right;
    }
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
    if (this.#accept('-')) return -number(this.#unary());
    if (this.#accept('+')) return number(this.#unary());
    if (this.#accept('~')) return ~number(this.#unary());
    return this.#primary();
  }

  #primary(): PythonValue {
    const token = this.#next;
    this.#at++;
    if (token.kind === 'number') return Number(token.text);
    if (token.kind === 'string') return token.text.replace(/^[fru]?["']|["']$/g, '');
    if (token.kind === 'name') return this.#next.text === '(' ? this.#call(token.text) : this.#names(token.text);
    if (token.text !== '(')
      throw new PythonError(token.kind === 'end' ? 'the code ends too early' : `'${token.text}' is not understood`);
    const values = this.#arguments();
    return values.length === 1 ? values[0] : values.join(', ');
  }

  #call(name: string): PythonValue {
    this.#at++;
    const values = this.#arguments();
    if (!Object.hasOwn(FUNCTIONS, name)) throw new PythonError(`there is no function ${name}`);
    return FUNCTIONS[name](...values.map(number));
  }

  /** Up to and including the closing parenthesis. */
  #arguments(): PythonValue[] {
    const values: PythonValue[] = [];
    while (!this.#accept(')')) {
      if (values.length > 0 && !this.#accept(',')) throw new PythonError("a ')' is missing");
      if (this.#next.text !== ')') values.push(this.#or());
    }
    return values;
  }
}

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  abs: Math.abs,
  int: Math.trunc,
  max: Math.max,
  min: Math.min,
  round: Math.round,
};

export function isTrue(value: PythonValue): boolean {
  return value !== 0 && value !== '';
}

function number(value: PythonValue): number {
  if (typeof value === 'string') throw new PythonError(`'${value}' is no number`);
  return value;
}

function compare(operator: string, left: PythonValue, right: PythonValue): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '>=':
      return left >= right;
    case '==':
      return left === right;
    default:
      return left !== right;
  }
}

export function operate(operator: string, left: PythonValue, right: PythonValue): PythonValue {
  // Formatting makes messages, which nobody reads but people.
  if (typeof left === 'string') return `${left} ${right}`;
  const [a, b] = [left, number(right)];
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '//':
      return Math.floor(a / b);
    case '%':
      return a - b * Math.floor(a / b);
    case '<<':
      return a * 2 ** b;
    case '>>':
      return Math.floor(a / 2 ** b);
    default:
      return bits(operator, a, b);
  }
}

/** Numbers may have more than 32 bits. */
function bits(operator: string, a: number, b: number): number {
  const [left, right] = [BigInt(a), BigInt(b)];
  if (operator === '|') return Number(left | right);
  return Number(operator === '&' ? left & right : left ^ right);
}
