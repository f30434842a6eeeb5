import { evaluateArithmetic } from './arithmetic.ts';
import { ShellSyntaxError } from './syntax-error.ts';
import { endOfPart } from './tokens.ts';

/** What words may refer to. */
export interface ShellScope {
  /** Undefined when there is no such variable. */
  variable(name: string): string | undefined;
  assign(name: string, value: string): void;
  /** Of `$@`. */
  readonly args: readonly string[];
  /** What a command writes, for `$(...)`. */
  outputOf(command: string): string;
}

/** The words that one becomes: quotes are gone, what is behind `$` is in place, and cut at blanks unless quoted. */
export function expandWord(word: string, scope: ShellScope): string[] {
  if (word === '"$@"' || word === '$@' || word === '$*') return [...scope.args];
  const [, head, first, last, tail] = /^([^'"$]*)\{(-?\d+)\.\.(-?\d+)\}(.*)$/.exec(word) ?? [];
  if (first !== undefined) return numbersBetween(+first, +last).flatMap((n) => expandWord(`${head}${n}${tail}`, scope));
  const fields: string[] = [];
  let field: string | null = null;
  for (let at = 0; at < word.length;) {
    const end = endOfPart(word, at);
    const [part, next] = word[at] === '$' ? dollar(word, at, scope) : [quoted(word.slice(at, end), scope), end];
    at = next;
    if (word[at - 1] === undefined || part.isSplit !== true) {
      field = (field ?? '') + part.text;
      continue;
    }
    const [first, ...more] = part.text.split(/\s+/);
    if (first !== '' || field !== null) field = (field ?? '') + first;
    for (const piece of more) {
      if (field !== null) fields.push(field);
      field = piece === '' ? null : piece;
    }
  }
  if (field !== null) fields.push(field);
  return fields;
}

/** `{1..3}`. */
function numbersBetween(first: number, last: number): number[] {
  return Array.from({ length: Math.abs(last - first) + 1 }, (_, i) => first + Math.sign(last - first) * i);
}

/** `*`, `?` and `[abc]` as in the names of files. */
export function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|\\]/g, String.raw`\$&`).replaceAll('[!', '[^');
  return new RegExp(`^${escaped.replaceAll('*', '[\\s\\S]*').replaceAll('?', '.')}$`);
}

/** The same as one word, as in an assignment. */
export function expandText(word: string, scope: ShellScope): string {
  return expandWord(word, scope).join(' ');
}

interface Part {
  readonly text: string;
  /** Whether blanks in it separate words. */
  readonly isSplit?: boolean;
}

/** A part that does not begin with `$`. */
function quoted(part: string, scope: ShellScope): Part {
  if (part[0] === "'") return { text: part.slice(1, -1) };
  if (part[0] === '"') return { text: inQuotes(part.slice(1, -1), scope) };
  return { text: part[0] === '\\' ? part.slice(1).replace('\n', '') : part };
}

function inQuotes(text: string, scope: ShellScope): string {
  let out = '';
  for (let at = 0; at < text.length;) {
    if (text[at] === '$') {
      const [part, next] = dollar(text, at, scope);
      out += part.text;
      at = next;
    } else if (text[at] === '\\' && /["$\\\n`]/.test(text[at + 1] ?? '')) {
      out += text[at + 1].replace('\n', '');
      at += 2;
    } else out += text[at++];
  }
  return out;
}

const NAME = /\$(\w+|[?#$!@*-])/y;
const BRACED = /^(#?)(\w+|[?#$@*])(?:(:?[-=+])([\s\S]*)|([#%]{1,2})([\s\S]*))?$/;

/** `$((2 * 3))`, `$(command)`, `$NAME`, `${NAME}`, and where it ends. */
function dollar(text: string, at: number, scope: ShellScope): [Part, number] {
  const end = endOfPart(text, at);
  if (text.startsWith('$((', at) && text.startsWith('))', end - 2)) {
    const sum = text.slice(at + 3, end - 2);
    return [{ text: String(evaluateArithmetic(inQuotes(sum, scope), scope)) }, end];
  }
  if (text.startsWith('$(', at)) {
    return [{ text: scope.outputOf(text.slice(at + 2, end - 1)).replace(/\n+$/, ''), isSplit: true }, end];
  }
  if (text.startsWith('${', at)) return [{ text: braced(text.slice(at + 2, end - 1), scope), isSplit: true }, end];
  NAME.lastIndex = at;
  const name = NAME.exec(text)?.[1];
  if (name === undefined) return [{ text: '$' }, at + 1];
  return [{ text: valueOf(name, scope) ?? '', isSplit: true }, at + 1 + name.length];
}

function valueOf(name: string, scope: ShellScope): string | undefined {
  if (name === '@' || name === '*') return scope.args.join(' ');
  if (name === '#') return String(scope.args.length);
  return /^[1-9]$/.test(name) ? scope.args[Number(name) - 1] : scope.variable(name);
}

/** `NAME`, `#NAME`, `NAME:-otherwise`, `NAME%suffix`, `NAME#prefix`. */
function braced(inside: string, scope: ShellScope): string {
  const match = BRACED.exec(inside);
  const other = replaced(inside, scope);
  if (other !== null) return other;
  if (match === null) throw new ShellSyntaxError(`\${${inside}} is not supported in commands`);
  const [, length, name, operator, word = '', cut, pattern = ''] = match;
  const value = valueOf(name, scope);
  if (length !== '') return String((value ?? '').length);
  const isSet = value !== undefined && !(operator?.startsWith(':') === true && value === '');
  if (operator === undefined)
    return cut === undefined ? (value ?? '') : trimmed(value ?? '', cut, inQuotes(pattern, scope));
  if (operator.endsWith('+')) return isSet ? inQuotes(word, scope) : '';
  if (isSet) return value;
  const otherwise = inQuotes(word, scope);
  if (operator.endsWith('=')) scope.assign(name, otherwise);
  return otherwise;
}

/** `NAME/PATTERN/TEXT`, `NAME:FROM:LENGTH`, `NAME^^`; null when it is none of these. */
function replaced(inside: string, scope: ShellScope): string | null {
  const [, name, all, pattern, text = ''] = /^(\w+)\/(\/?)([^/]+)(?:\/([\s\S]*))?$/.exec(inside) ?? [];
  if (name !== undefined) {
    const found = globPattern(inQuotes(pattern, scope)).source.slice(1, -1);
    return (valueOf(name, scope) ?? '').replace(new RegExp(found, all === '' ? '' : 'g'), () => inQuotes(text, scope));
  }
  const [, part, from, length] = /^(\w+):\s*(\d+)(?::(\d+))?$/.exec(inside) ?? [];
  if (part !== undefined) {
    const value = valueOf(part, scope) ?? '';
    return value.slice(Number(from), length === undefined ? undefined : Number(from) + Number(length));
  }
  const [, cased, how] = /^(\w+)(\^\^|,,)$/.exec(inside) ?? [];
  if (cased === undefined) return null;
  const value = valueOf(cased, scope) ?? '';
  return how === '^^' ? value.toUpperCase() : value.toLowerCase();
}

function trimmed(value: string, cut: string, pattern: string): string {
  const body = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('?', '.');
  const any = cut.length === 2 ? '.*' : '.*?';
  const expression = body.replaceAll('*', any);
  if (cut.startsWith('#')) return value.replace(new RegExp(`^${expression}`), '');
  for (let i = cut.length === 2 ? 0 : value.length; i >= 0 && i <= value.length; i += cut.length === 2 ? 1 : -1) {
    if (new RegExp(`^${body.replaceAll('*', '.*')}$`).test(value.slice(i))) return value.slice(0, i);
  }
  return value;
}
