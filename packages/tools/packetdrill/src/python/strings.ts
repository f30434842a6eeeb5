import { splitStatements, type PythonToken } from './tokens.ts';
import { formatted, PythonError, reprOf, textOf, type PythonValue } from './values.ts';

const WRITTEN = /^([fFrRuUbB]?)(?:("""|''')([\s\S]*)\2|["']([\s\S]*)["'])$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };

/** `{}` for itself, or an expression with `=`, `!r` and a format behind it, in which may be expressions as well. */
const PLACE = /\{\{|\}\}|\{((?:[^{}'"!:]|'[^']*'|"[^"]*"|!=|\[[^\]]*\])+?)(=?)(!r|!s)?(?::((?:[^{}]|\{[^{}]*\})*))?\}/g;

/** What a string with its quotes stands for; `evaluate` does the expressions of an f-string. */
export function stringValue(written: string, evaluate: (tokens: readonly PythonToken[]) => PythonValue): string {
  const [, prefix, , long, short] = WRITTEN.exec(written)!;
  const body = long ?? short;
  const text =
    prefix.toLowerCase() === 'r' ? body : body.replace(/\\([\s\S])/g, (_, letter: string) => escaped(letter));
  return prefix.toLowerCase() === 'f' ? filled(text, evaluate) : text;
}

function escaped(letter: string): string {
  if (letter === '\n') return '';
  return ESCAPES[letter] ?? (/["'\\]/.test(letter) ? letter : `\\${letter}`);
}

function filled(text: string, evaluate: (tokens: readonly PythonToken[]) => PythonValue): string {
  return text.replace(PLACE, (mark, inner?: string, named = '', how = '', spec?: string) => {
    if (inner === undefined) return mark[0];
    const [statement] = splitStatements(inner.trim()) ?? [];
    if (statement === undefined) throw new PythonError(`{${inner}} is not understood`);
    const value = evaluate(statement.tokens);
    const shown = how === '!r' || (named !== '' && spec === undefined) ? reprOf(value) : value;
    const text = spec === undefined ? textOf(shown) : formatted(shown, filled(spec, evaluate));
    return named === '' ? text : `${inner}=${text}`;
  });
}
