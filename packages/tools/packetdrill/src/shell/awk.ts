import { PythonExpression } from '../python/expression.ts';
import { operate } from '../python/operators.ts';
import { splitStatements } from '../python/tokens.ts';
import { formatted, isTrue, PythonError, PythonFunction, textOf, type PythonValue } from '../python/values.ts';
import { MissingFacility, printed, type Ended, type Invocation } from './command.ts';
import { readFile } from './files.ts';

interface Rule {
  /** `BEGIN`, `END`, an expression, or empty for every line. */
  readonly pattern: string;
  readonly action: string;
}

/**
 * `awk [-F SEPARATOR] [-v NAME=VALUE] 'PATTERN { STATEMENTS } ...' [FILE]`, with print, printf, if, assignments, next and
 * exit. Its expressions are those of Python, written otherwise; strings are joined by nothing but `print`.
 */
export function awk({ session, args, input }: Invocation): Ended {
  const program = new AwkProgram();
  const rest = program.options(args);
  const text = rest[1] === undefined ? input : readFile(session, rest[1]);
  try {
    return program.run(rulesOf(rest[0] ?? ''), text.split('\n').slice(0, text.endsWith('\n') ? -1 : undefined));
  } catch (error) {
    if (error instanceof PythonError) throw new MissingFacility(`awk '${rest[0]}': ${error.message}`);
    throw error;
  }
}

function rulesOf(program: string): Rule[] {
  const rules: Rule[] = [];
  for (let at = 0; program.slice(at).trim() !== '';) {
    const open = outside(program, '{', at);
    const [end, close] = open < 0 ? [program.length, program.length] : [open, closing(program, open)];
    const action = open < 0 ? 'print' : program.slice(open + 1, close);
    rules.push({ pattern: program.slice(at, end).replaceAll(';', ' ').trim(), action });
    at = close + 1;
  }
  return rules;
}

/** Where `mark` is that stands in no string, no pattern and no parentheses; -1 for nowhere. */
function outside(text: string, mark: string, from: number): number {
  const part = /"(?:\\.|[^"\\])*"|(?<=(?:^|[~(&|,{;\s])\s*)\/(?:\\.|[^/\\])*\/|[\s\S]/y;
  let depth = 0;
  for (let at = from; at < text.length; at = part.lastIndex) {
    if (text[at] === mark && depth === 0) return at;
    depth += Number(text[at] === '(') - Number(text[at] === ')');
    part.lastIndex = at;
    part.exec(text);
  }
  return -1;
}

function closing(text: string, open: number): number {
  let depth = 1;
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at;
  }
  throw new MissingFacility(`awk '${text}': a } is missing`);
}

/** `next` and `exit` leave the rules. */
class Leaving extends Error {
  readonly status: number | null;

  constructor(status: number | null) {
    super('next');
    this.status = status;
  }
}

class AwkProgram {
  readonly #variables = new Map<string, PythonValue>([['FS', ' '], ['OFS', ' ']]); // prettier-ignore
  #fields: string[] = [''];
  #output = '';

  /** Takes the options; what remains is the program and its file. */
  options(args: readonly string[]): string[] {
    const rest: string[] = [];
    for (let i = 0; i < args.length; i++) {
      const [, letter, value] = /^-([Fv])(.*)$/s.exec(args[i]) ?? [];
      if (letter === undefined || rest.length > 0) {
        rest.push(args[i]);
        continue;
      }
      const given = value === '' ? (args[++i] ?? '') : value;
      if (letter === 'F') this.#variables.set('FS', given.replace('\\t', '\t'));
      else this.#variables.set(given.slice(0, given.indexOf('=')), given.slice(given.indexOf('=') + 1));
    }
    return rest;
  }

  run(rules: readonly Rule[], lines: readonly string[]): Ended {
    const only = (pattern: string): Rule[] => rules.filter((rule) => rule.pattern === pattern);
    let status = this.#all(only('BEGIN'));
    const main = rules.filter(({ pattern }) => pattern !== 'BEGIN' && pattern !== 'END');
    if (main.length > 0 || only('END').length > 0) {
      for (const [i, line] of lines.entries()) {
        if (status !== null) break;
        this.#read(line, i + 1);
        status = this.#all(main);
      }
    }
    if (status === null) status = this.#all(only('END'));
    return { ...printed(this.#output), status: status ?? 0 };
  }

  #read(line: string, number: number): void {
    const separator = textOf(this.#variables.get('FS')!);
    const parts = separator === ' ' ? line.trim().split(/\s+/) : line.split(new RegExp(separator));
    this.#fields = [line, ...parts];
    this.#variables.set('NR', number);
    this.#variables.set('NF', line.trim() === '' ? 0 : parts.length);
  }

  /** The status with which a rule has ended the program, else null. */
  #all(rules: readonly Rule[]): number | null {
    try {
      for (const { pattern, action } of rules) {
        if (pattern === '' || pattern === 'BEGIN' || pattern === 'END' || isTrue(this.#value(pattern)))
          this.#do(action);
      }
    } catch (error) {
      if (error instanceof Leaving) return error.status;
      throw error;
    }
    return null;
  }

  #do(action: string): void {
    for (let rest = action.trim(); rest !== '';) rest = this.#statement(rest).trim();
  }

  /** Runs the first statement, and returns what is behind it. */
  #statement(text: string, isSkipped = false): string {
    if (text.startsWith(';')) return text.slice(1);
    if (text.startsWith('{')) {
      const close = closing(text, 0);
      if (!isSkipped) this.#do(text.slice(1, close));
      return text.slice(close + 1);
    }
    if (/^if\s*\(/.test(text)) return this.#if(text, isSkipped);
    const [semicolon, line] = [outside(text, ';', 0), outside(text, '\n', 0)].map((at) => (at < 0 ? text.length : at));
    const end = Math.min(semicolon, line);
    if (!isSkipped) this.#simple(text.slice(0, end).trim());
    return text.slice(end + 1);
  }

  #if(text: string, isSkipped: boolean): string {
    const open = text.indexOf('(');
    let [close, depth] = [open, 0];
    do {
      if (text[close] === '(') depth++;
      if (text[close] === ')') depth--;
    } while (depth > 0 && ++close < text.length);
    const holds = !isSkipped && isTrue(this.#value(text.slice(open + 1, close)));
    const rest = this.#statement(text.slice(close + 1).trim(), isSkipped || !holds).replace(/^[\s;]*(?=else\b)/, '');
    return rest.startsWith('else') ? this.#statement(rest.slice(4).trim(), isSkipped || holds) : rest;
  }

  #simple(text: string): void {
    const [, word, rest = ''] = /^(print|printf|exit|next)\b\s*([\s\S]*)$/.exec(text) ?? [];
    if (word === 'next') throw new Leaving(null);
    if (word === 'exit') throw new Leaving(rest === '' ? 0 : Number(this.#value(rest)));
    if (word === 'print') this.#output += `${this.#values(rest || '$0').join(textOf(this.#variables.get('OFS')!))}\n`;
    else if (word === 'printf') this.#output += this.#printf(rest.replace(/^\((.*)\)$/s, '$1'));
    else this.#assign(text);
  }

  #values(list: string): string[] {
    const parts: string[] = [];
    for (let from = 0; from <= list.length;) {
      const comma = outside(list, ',', from);
      parts.push(list.slice(from, comma < 0 ? undefined : comma));
      from = comma < 0 ? list.length + 1 : comma + 1;
    }
    return parts.map((part) => textOf(this.#value(part)));
  }

  #printf(list: string): string {
    const [format, ...values] = this.#values(list);
    return format.replace(/%(?:%|([-0 +]*\d*(?:\.\d+)?[sdiuxf]))/g, (_, spec?: string) => {
      if (spec === undefined) return '%';
      const value = values.shift() ?? '';
      return formatted(spec.endsWith('s') ? value : Number(value), spec.replace(/[iu]$/, 'd'));
    });
  }

  /** `x = 1`, `x += $2`, `x++`. */
  #assign(text: string): void {
    const [, counted, sign] = /^([A-Za-z_]\w*)\s*(\+\+|--)$/.exec(text) ?? [];
    const [, assigned, operator, rest] = /^([A-Za-z_]\w*)\s*([-+*/%]?)=(?!=)([\s\S]*)$/.exec(text) ?? [];
    const name = counted ?? assigned;
    if (name === undefined) return void this.#value(text);
    const before = Number(this.#variables.get(name) ?? 0);
    if (counted !== undefined) this.#variables.set(name, before + (sign === '++' ? 1 : -1));
    else this.#variables.set(name, operator === '' ? this.#value(rest) : operate(operator, before, this.#value(rest)));
  }

  /** Names and fields are numbers where they look like numbers. */
  #value(text: string): PythonValue {
    const [statement, ...more] = splitStatements(pythonOf(text).trim()) ?? [];
    if (statement === undefined || more.length > 0) throw new PythonError(`'${text.trim()}' is not understood`);
    return new PythonExpression(statement.tokens, 0, (name) => this.#name(name)).evaluate();
  }

  #name(name: string): PythonValue | undefined {
    if (Object.hasOwn(FUNCTIONS, name)) return new PythonFunction((args) => FUNCTIONS[name](...args));
    if (name === 'field') return new PythonFunction(([index]) => numeric(this.#fields[Number(index)] ?? ''));
    if (name === 'length') return new PythonFunction(([value = this.#fields[0]]) => textOf(value).length);
    if (name === 'int') return undefined;
    return numeric(textOf(this.#variables.get(name) ?? ''));
  }
}

const FUNCTIONS: Readonly<Record<string, (...args: PythonValue[]) => PythonValue>> = {
  index: (text, part) => textOf(text).indexOf(textOf(part)) + 1,
  matches: (text, pattern) => Number(new RegExp(textOf(pattern)).test(textOf(text))),
  substr: (text, from, length = Infinity) => textOf(text).slice(Number(from) - 1, Number(from) - 1 + Number(length)),
  tolower: (text) => textOf(text).toLowerCase(),
  toupper: (text) => textOf(text).toUpperCase(),
};

function numeric(text: string): PythonValue {
  return text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text === '' ? 0 : text;
}

/** The expression as Python has it. Patterns become strings without escapes. */
function pythonOf(text: string): string {
  const quoted = (pattern: string): string => `r"""${pattern.replaceAll('\\/', '/')}"""`;
  return text
    .replace(
      /(\$\w+|\w+)\s*(!?)~\s*\/((?:\\.|[^/])*)\//g,
      (_, left: string, not: string, pattern: string) =>
        `${not === '' ? '' : 'not '}matches(${left}, ${quoted(pattern)})`,
    )
    .replace(
      /(^|[(&|!]\s*)\/((?:\\.|[^/])*)\//g,
      (_, before: string, pattern: string) => `${before}matches(field(0), ${quoted(pattern)})`,
    )
    .replace(/\$(\d+|NF|[A-Za-z_]\w*)/g, 'field($1)')
    .replace(/\$\(/g, 'field(')
    .replaceAll('&&', ' and ')
    .replaceAll('||', ' or ')
    .replace(/!(?!=)/g, ' not ');
}
