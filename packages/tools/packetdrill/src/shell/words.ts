import { evaluateArithmetic } from './arithmetic.ts';
import { ShellSyntaxError } from './syntax-error.ts';

/** Something between commands: `;` (also the end of a line), `&&`, `||`, `|`, and redirections. */
export type Piece =
  { readonly kind: 'word'; readonly text: string } | { readonly kind: 'operator'; readonly text: string };

const OPERATOR = /(?:&&|\|\||[0-9]?>>|[0-9]?>&[0-9-]|&>|[0-9]?>|<|;|\n|\||&)/y;
const BLANK = /(?:[ \t\r]|\\\r?\n)+|#[^\n]*/y;

/** Cuts a command into words and operators; quotes, `$(( ))` and variables are gone from the words. */
export function splitWords(text: string, variables: ReadonlyMap<string, string>): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length;) {
    const blank = matchAt(BLANK, text, at);
    if (blank !== null) {
      at += blank.length;
      continue;
    }
    const operator = matchAt(OPERATOR, text, at);
    if (operator !== null) {
      pieces.push({ kind: 'operator', text: operator });
      at += operator.length;
      continue;
    }
    const word = readWord(text, at, variables);
    pieces.push({ kind: 'word', text: word.text });
    at = word.end;
  }
  return pieces;
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

interface Part {
  readonly text: string;
  readonly end: number;
}

const PLAIN = /[^\s\\'"$`;&|<>]+/y;
const SINGLE = /'([^']*)'/y;

function readWord(source: string, start: number, variables: ReadonlyMap<string, string>): Part {
  let text = '';
  let at = start;
  while (at < source.length && !/[\s;&|<>]/.test(source[at])) {
    const part = readPart(source, at, variables);
    text += part.text;
    at = part.end;
  }
  return { text, end: at };
}

function readPart(source: string, at: number, variables: ReadonlyMap<string, string>): Part {
  const letter = source[at];
  if (letter === "'") {
    const quoted = matchAt(SINGLE, source, at);
    if (quoted === null) throw new ShellSyntaxError("a ' is missing");
    return { text: quoted.slice(1, -1), end: at + quoted.length };
  }
  if (letter === '"') return readQuoted(source, at, variables);
  if (letter === '\\') return { text: source[at + 1] === '\n' ? '' : (source[at + 1] ?? ''), end: at + 2 };
  if (letter === '$') return readExpansion(source, at, variables);
  const plain = matchAt(PLAIN, source, at);
  if (plain === null) throw new ShellSyntaxError(`'${letter}' is not supported in commands`);
  return { text: plain, end: at + plain.length };
}

function readQuoted(source: string, start: number, variables: ReadonlyMap<string, string>): Part {
  let text = '';
  let at = start + 1;
  while (source[at] !== '"') {
    if (at >= source.length) throw new ShellSyntaxError('a " is missing');
    if (source[at] === '$' || source[at] === '\\') {
      const part = readPart(source, at, variables);
      text += part.text;
      at = part.end;
    } else text += source[at++];
  }
  return { text, end: at + 1 };
}

const SUM = /\$\(\(([\s\S]*?)\)\)/y;
const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/y;

/** `$((2 * 3))`, `$NAME`, `${NAME}`. */
function readExpansion(source: string, at: number, variables: ReadonlyMap<string, string>): Part {
  const sum = matchAt(SUM, source, at);
  if (sum !== null) return { text: String(evaluateArithmetic(sum.slice(3, -2))), end: at + sum.length };
  const variable = matchAt(VARIABLE, source, at);
  if (variable === null && source[at + 1] !== '(') return { text: '$', end: at + 1 };
  if (variable === null) throw new ShellSyntaxError(`'${source.slice(at, at + 2)}' is not supported in commands`);
  return { text: variables.get(variable.replace(/[${}]/g, '')) ?? '', end: at + variable.length };
}
