import { ShellSyntaxError } from './syntax-error.ts';

/** A word with its quotes and `$` still in it, or what stands between words. */
export interface ShellToken {
  readonly kind: 'word' | 'operator' | 'end';
  readonly text: string;
}

const OPERATOR = /(?:&&|\|\||;;|[0-9]?>>|[0-9]?>&[0-9-]|&>|[0-9]?>|[0-9]?<|;|\n|\||&|\(|\))/y;
const BLANK = /(?:[ \t\r]|\\\r?\n)+|#[^\n]*/y;

/** Cuts a command into words and operators: `;` (also the end of a line), `&&`, `|`, parentheses, redirections. */
export function shellTokens(text: string): ShellToken[] {
  const tokens: ShellToken[] = [];
  for (let at = 0; at < text.length;) {
    const blank = matchAt(BLANK, text, at);
    const operator = blank === null ? matchAt(OPERATOR, text, at) : null;
    if (operator !== null) tokens.push({ kind: 'operator', text: operator });
    if (blank !== null || operator !== null) {
      at += (blank ?? operator)!.length;
      continue;
    }
    const end = endOfWord(text, at);
    tokens.push({ kind: 'word', text: text.slice(at, end) });
    at = end;
  }
  return tokens;
}

export function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function endOfWord(text: string, start: number): number {
  let at = start;
  while (at < text.length && !/[\s;&|<>()]/.test(text[at])) at = endOfPart(text, at);
  return at;
}

/** Behind a quoted string, `$(...)`, `${...}`, or one character. */
export function endOfPart(text: string, at: number): number {
  if (text[at] === '\\') return at + 2;
  if (text[at] === "'") return behind(text, "'", at + 1);
  if (text[at] === '"') return endOfQuotes(text, at);
  if (text.startsWith('${', at)) return behind(text, '}', at + 2);
  return text.startsWith('$(', at) ? endOfParentheses(text, at + 1) : at + 1;
}

function behind(text: string, close: string, from: number): number {
  const end = text.indexOf(close, from);
  if (end < 0) throw new ShellSyntaxError(`a ${close} is missing`);
  return end + 1;
}

function endOfQuotes(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') {
    if (at >= text.length) throw new ShellSyntaxError('a " is missing');
    at = text[at] === "'" ? at + 1 : endOfPart(text, at);
  }
  return at + 1;
}

function endOfParentheses(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== ')') {
    if (at >= text.length) throw new ShellSyntaxError('a ) is missing');
    at = text[at] === '(' ? endOfParentheses(text, at) : endOfPart(text, at);
  }
  return at + 1;
}
