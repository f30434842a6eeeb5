import type { Language } from './choice.ts';

/** `no-telnet` as names in code: `noTelnet`, `NoTelnet`. */
export function camel(name: string): string {
  return name.replace(/-+(\w)/g, (_all, letter: string) => letter.toUpperCase());
}

export function pascal(name: string): string {
  const inner = camel(name);
  return inner[0]!.toUpperCase() + inner.slice(1);
}

/** A template as source text: with its types, or without. */
export function render(template: string, name: string, language: Language): string {
  const named = template
    .replaceAll('PASCAL', pascal(name))
    .replaceAll('CAMEL', camel(name))
    .replaceAll('NAME', name)
    .replaceAll('index.EXT', 'index.js');
  const typed = language === 'ts' ? withTypes(named) : withoutTypes(named);
  return typed.replace(/\n{3,}/g, '\n\n');
}

function withTypes(text: string): string {
  return text
    .replace(/^\/\*type\*\//gm, '')
    .replace(/\/\*: (.*?) \*\//g, ': $1')
    .replace(/\/\*(readonly |!|<[^*]*>| as const)\*\//g, '$1');
}

function withoutTypes(text: string): string {
  return text.replace(/^\/\*type\*\/.*\n/gm, '').replace(/\/\*(: .*? |readonly |!|<[^*]*>| as const)\*\//g, '');
}
