import { ShellSyntaxError } from './syntax-error.ts';
import { shellTokens, type ShellToken } from './tokens.ts';

/** A command as it is written. */
export type ShellNode =
  | { readonly kind: 'program'; readonly words: readonly string[] }
  | { readonly kind: 'pipeline'; readonly parts: readonly ShellNode[]; readonly negated: boolean }
  /** How each joins the one before: `;`, `&&` or `||`. */
  | { readonly kind: 'list'; readonly items: readonly { readonly join: string; readonly node: ShellNode }[] }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: ShellNode | null }
  | { readonly kind: 'while'; readonly condition: ShellNode; readonly body: ShellNode; readonly until: boolean }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly string[]; readonly body: ShellNode }
  | { readonly kind: 'case'; readonly word: string; readonly choices: readonly Choice[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: ShellNode }
  | { readonly kind: 'redirected'; readonly node: ShellNode; readonly redirections: readonly Redirection[] };

export interface Branch {
  readonly condition: ShellNode;
  readonly body: ShellNode;
}

export interface Choice {
  readonly patterns: readonly string[];
  readonly body: ShellNode;
}

/** `> FILE` and its like; `<<` and `<<<` with what is to be read. */
export interface Redirection {
  readonly operator: string;
  /** As written; of `2>&1` nothing. */
  readonly file: string;
}

const END: ShellToken = { kind: 'end', text: 'the end' };
const REDIRECTION = /^(?:<<<|<<-?|[0-9]?>>?|[0-9]?<|&>|[0-9]?>&[0-9-])$/;

export function parseShell(text: string): ShellNode {
  const parser = new ShellParser(shellTokens(text));
  const list = parser.list([]);
  if (!parser.atEnd) throw parser.unexpected();
  return list;
}

class ShellParser {
  readonly #tokens: readonly ShellToken[];
  #at = 0;

  constructor(tokens: readonly ShellToken[]) {
    this.#tokens = tokens;
  }

  get #next(): ShellToken {
    return this.#tokens[this.#at] ?? END;
  }

  get atEnd(): boolean {
    return this.#next.kind === 'end';
  }

  unexpected(): ShellSyntaxError {
    return new ShellSyntaxError(`'${this.#next.text}' is not supported in commands here`);
  }

  /** Commands up to one of the words of `ends`, which is not taken. */
  list(ends: readonly string[]): ShellNode {
    const items: { join: string; node: ShellNode }[] = [];
    let join = ';';
    for (;;) {
      while (join === ';' ? this.#acceptAny([';', '\n', '&']) !== null : this.#acceptAny(['\n']) !== null);
      if (this.atEnd || ends.includes(this.#next.text)) break;
      items.push({ join, node: this.#pipeline() });
      join = this.#acceptAny(['&&', '||']) ?? ';';
      if (join !== ';' || this.atEnd || ends.includes(this.#next.text)) continue;
      if (this.#acceptAny([';', '\n', '&']) === null) throw this.unexpected();
    }
    return { kind: 'list', items };
  }

  #acceptAny(texts: readonly string[]): string | null {
    const { text } = this.#next;
    if (this.atEnd || !texts.includes(text)) return null;
    this.#at++;
    return text;
  }

  #expect(text: string): void {
    if (this.#acceptAny([text]) === null)
      throw new ShellSyntaxError(`expected '${text}' in a command, found '${this.#next.text}'`);
  }

  #pipeline(): ShellNode {
    const negated = this.#acceptAny(['!']) !== null;
    const parts = [this.#command()];
    while (this.#acceptAny(['|']) !== null) {
      while (this.#acceptAny(['\n']) !== null);
      parts.push(this.#command());
    }
    return { kind: 'pipeline', parts, negated };
  }

  #command(): ShellNode {
    const node = this.#compound() ?? this.#program();
    const redirections = this.#redirections();
    return redirections.length === 0 ? node : { kind: 'redirected', node, redirections };
  }

  #compound(): ShellNode | null {
    const { text } = this.#next;
    switch (this.#acceptAny(['if', 'while', 'until', 'for', 'case', '{', '('])) {
      case 'if':
        return this.#if();
      case 'while':
      case 'until':
        return this.#while(text === 'until');
      case 'for':
        return this.#for();
      case 'case':
        return this.#case();
      case '{':
        return this.#body('}');
      case '(':
        return this.#body(')');
      default:
        return null;
    }
  }

  #body(end: string): ShellNode {
    const body = this.list([end]);
    this.#expect(end);
    return body;
  }

  #if(): ShellNode {
    const branches: Branch[] = [];
    do {
      const condition = this.#body('then');
      branches.push({ condition, body: this.list(['elif', 'else', 'fi']) });
    } while (this.#acceptAny(['elif']) !== null);
    const otherwise = this.#acceptAny(['else']) === null ? null : this.list(['fi']);
    this.#expect('fi');
    return { kind: 'if', branches, otherwise };
  }

  #while(until: boolean): ShellNode {
    const condition = this.#body('do');
    return { kind: 'while', condition, body: this.#body('done'), until };
  }

  #for(): ShellNode {
    const name = this.#next.text;
    this.#at++;
    if (name.startsWith('((')) return this.#counting(name.slice(2, -2).split(';'));
    this.#expect('in');
    const words: string[] = [];
    while (this.#next.kind === 'word') {
      words.push(this.#next.text);
      this.#at++;
    }
    while (this.#acceptAny([';', '\n']) !== null);
    this.#expect('do');
    return { kind: 'for', name, words, body: this.#body('done') };
  }

  /** `for ((first; condition; step))`. */
  #counting([first = '', condition = '1', step = '']: readonly string[]): ShellNode {
    while (this.#acceptAny([';', '\n']) !== null);
    this.#expect('do');
    const body = listOf(this.#body('done'), arithmetic(step));
    return listOf(arithmetic(first), { kind: 'while', condition: arithmetic(condition), body, until: false });
  }

  /** `case WORD in PATTERN | PATTERN) commands ;; ... esac`. */
  #case(): ShellNode {
    const word = this.#next.text;
    this.#at++;
    while (this.#acceptAny(['\n']) !== null);
    this.#expect('in');
    const choices: Choice[] = [];
    for (;;) {
      while (this.#acceptAny(['\n', ';']) !== null);
      if (this.#acceptAny(['esac']) !== null) return { kind: 'case', word, choices };
      this.#acceptAny(['(']);
      const patterns: string[] = [];
      do {
        patterns.push(this.#next.text);
        this.#at++;
      } while (this.#acceptAny(['|']) !== null);
      this.#expect(')');
      choices.push({ patterns, body: this.list([';;', 'esac']) });
      this.#acceptAny([';;']);
    }
  }

  #program(): ShellNode {
    this.#acceptAny(['function']);
    const words: string[] = [];
    const redirections: Redirection[] = [];
    for (;;) {
      redirections.push(...this.#redirections());
      if (this.#next.kind !== 'word') break;
      words.push(this.#next.text);
      this.#at++;
    }
    if (words.length === 1 && this.#acceptAny(['(']) !== null) {
      this.#expect(')');
      while (this.#acceptAny(['\n']) !== null);
      return { kind: 'function', name: words[0], body: this.#command() };
    }
    if (words.length === 0 && redirections.length === 0) throw this.unexpected();
    const node: ShellNode = { kind: 'program', words };
    return redirections.length === 0 ? node : { kind: 'redirected', node, redirections };
  }

  #redirections(): Redirection[] {
    const redirections: Redirection[] = [];
    while (this.#next.kind === 'operator' && REDIRECTION.test(this.#next.text)) {
      const operator = this.#next.text;
      this.#at++;
      const file = operator.includes('>&') ? '' : this.#next.text;
      if (file !== '') this.#at++;
      redirections.push({ operator, file });
    }
    return redirections;
  }
}

function arithmetic(text: string): ShellNode {
  return { kind: 'program', words: [`((${text.trim() === '' ? '1' : text}))`] };
}

function listOf(...nodes: readonly ShellNode[]): ShellNode {
  return { kind: 'list', items: nodes.map((node) => ({ join: ';', node })) };
}
