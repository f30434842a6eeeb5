import { ShellSyntaxError } from './syntax-error.ts';

/** A word with its quotes and `$` still in it, or what stands between words. */
export interface ShellToken {
  readonly kind: 'word' | 'operator' | 'end';
  readonly text: string;
}

const OPERATOR = /(?:<<<|<<-?|&&|\|\||;;|[0-9]?>>|[0-9]?>&[0-9-]|&>|[0-9]?>|[0-9]?<|;|\n|\||&|\(|\))/y;
const BLANK = /(?:[ \t\r]|\\\r?\n)+|#[^\n]*/y;

/**
 * Cuts a command into words and operators: `;` (also the end of a line), `&&`, `|`, parentheses, redirections. `((...))`
 * is one word, and so is what stands between blanks in `[[ ... ]]`.
 */
export function shellTokens(text: string): ShellToken[] {
  const tokens: ShellToken[] = [];
  const documents: HereDocument[] = [];
  let isTest = false;
  for (let at = 0; at < text.length;) {
    const blank = matchAt(BLANK, text, at);
    if (blank !== null) {
      at += blank.length;
      continue;
    }
    const operator = isTest || isArithmetic(text, at, tokens) ? null : matchAt(OPERATOR, text, at);
    const end = operator === null ? endOfWord(text, at, isTest) : at + operator.length;
    const token = text.slice(at, end);
    tokens.push({ kind: operator === null ? 'word' : 'operator', text: token });
    at = end;
    if (token === '[[' || token === ']]') isTest = token === '[[';
    if (token === '<<' || token === '<<-') documents.push({ place: tokens.length, isIndented: token === '<<-' });
    if (token === '\n') for (const each of documents.splice(0)) at = takeDocument(text, at, tokens, each);
  }
  return tokens;
}

/** `<< WORD`: the lines behind this one up to WORD. */
interface HereDocument {
  /** Of the word among the tokens; what it announces takes its place. */
  readonly place: number;
  readonly isIndented: boolean;
}

/** Returns where the document ends. */
function takeDocument(text: string, from: number, tokens: ShellToken[], { place, isIndented }: HereDocument): number {
  const written = tokens[place]?.text ?? '';
  const [word, isLiteral] = [written.replace(/["'\\]/g, ''), /["'\\]/.test(written)];
  const lines: string[] = [];
  for (let at = from; at < text.length;) {
    const end = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at);
    const line = isIndented ? text.slice(at, end).replace(/^\t+/, '') : text.slice(at, end);
    at = end + 1;
    if (line.trim() === word) {
      const body = lines.map((each) => `${each}\n`).join('');
      tokens[place] = { kind: 'word', text: isLiteral ? singleQuoted(body) : `"${body.replaceAll('"', '\\"')}"` };
      return at;
    }
    lines.push(line);
  }
  throw new ShellSyntaxError(`${word} is missing at the end of what << begins`);
}

export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** `((` where a command begins, or behind `for`. */
function isArithmetic(text: string, at: number, tokens: readonly ShellToken[]): boolean {
  const last = tokens.at(-1);
  const begins =
    last === undefined || last.kind === 'operator' || /^(?:for|if|while|until|then|do|else|!)$/.test(last.text);
  return begins && text.startsWith('((', at);
}

export function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function endOfWord(text: string, start: number, isTest: boolean): number {
  if (text.startsWith('((', start)) return endOfParentheses(text, start);
  const stop = isTest ? /\s/ : /[\s;&|<>()]/;
  let at = start;
  while (at < text.length && !stop.test(text[at])) at = endOfPart(text, at);
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
