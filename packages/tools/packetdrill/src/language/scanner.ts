import { ScriptError } from './script-error.ts';

export type TokenKind = 'number' | 'word' | 'string' | 'command' | 'code' | 'punctuation' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of strings, commands and code, what is between their marks. After substitution of `-D` symbols. */
  readonly text: string;
  /** Of the first and behind the last character. */
  readonly start: number;
  readonly end: number;
}

const SPACE = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const DOTTED = /\d+\.\d+\.\d+\.\d+/y;
const NUMBER = /0[xX][0-9a-fA-F]+|\d*\.\d+|\d+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z][A-Za-z0-9_]*)*/y;
const STRING = /"((?:[^"\\]|\\[\s\S])*)"/y;
const COMMAND = /`([^`]*)`/y;
const CODE = /%\{([\s\S]*?)\}%/y;
const PUNCTUATION = /\.\.\.|<<|[-+*~.,:;<>=()[\]{}|&!?@/]/y;

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['code', CODE],
  ['command', COMMAND],
  ['string', STRING],
  ['word', DOTTED],
  ['number', NUMBER],
  ['word', WORD],
  ['punctuation', PUNCTUATION],
];

/** Cuts a script into tokens, one at a time: what a character means may depend on where the parser stands. */
export class Scanner {
  readonly source: string;
  readonly #defines: Map<string, string>;
  #at = 0;
  #next: Token | null = null;

  /** `defines`: what to put in place of a word. */
  constructor(source: string, defines: ReadonlyMap<string, string>) {
    this.source = source;
    this.#defines = new Map(defines);
  }

  /** From here on `text` stands in place of a word, unless something does already. */
  define(word: string, text: string): void {
    if (!this.#defines.has(word)) this.#defines.set(word, text);
    this.#next = null;
  }

  /** The token that comes next. */
  get next(): Token {
    return (this.#next ??= this.#scan());
  }

  take(): Token {
    const token = this.next;
    this.#at = token.end;
    this.#next = null;
    return token;
  }

  /** Whether `text` comes next, as a word or punctuation. */
  is(text: string): boolean {
    const { kind } = this.next;
    return this.next.text === text && (kind === 'word' || kind === 'punctuation');
  }

  /** Takes `text` if it comes next. */
  accept(text: string): boolean {
    const found = this.is(text);
    if (found) this.take();
    return found;
  }

  expect(text: string): Token {
    if (!this.is(text)) throw this.unexpected(`'${text}'`);
    return this.take();
  }

  expectKind(kind: TokenKind): Token {
    if (this.next.kind !== kind) throw this.unexpected(`a ${kind}`);
    return this.take();
  }

  /** Takes what matches at the next token's place, whatever its tokens would be. Null when nothing does. */
  takeRaw(pattern: RegExp): string | null {
    const start = this.next.start;
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = start;
    const match = sticky.exec(this.source);
    if (match === null) return null;
    this.#at = start + match[0].length;
    this.#next = null;
    return match[0];
  }

  lineOf(position: number): number {
    let line = 1;
    for (let at = this.source.indexOf('\n'); at >= 0 && at < position; at = this.source.indexOf('\n', at + 1)) line++;
    return line;
  }

  get line(): number {
    return this.lineOf(this.next.start);
  }

  unexpected(wanted: string): ScriptError {
    const { kind, text } = this.next;
    const found = kind === 'end' ? 'the end of the script' : `'${text}'`;
    return new ScriptError(this.line, `expected ${wanted}, found ${found}`);
  }

  #scan(): Token {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.source);
    const start = SPACE.lastIndex;
    if (start >= this.source.length) return { kind: 'end', text: '', start, end: start };
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = start;
      const match = pattern.exec(this.source);
      if (match === null) continue;
      const token = { kind, text: match[1] ?? match[0], start, end: pattern.lastIndex };
      return kind === 'word' ? this.#substitute(token) : token;
    }
    throw new ScriptError(this.lineOf(start), `'${this.source[start]}' has no meaning here`);
  }

  #substitute(token: Token): Token {
    const text = this.#defines.get(token.text);
    if (text === undefined) return token;
    NUMBER.lastIndex = 0;
    const isNumber = NUMBER.exec(text)?.[0].length === text.length;
    return { ...token, kind: isNumber ? 'number' : 'word', text };
  }
}
