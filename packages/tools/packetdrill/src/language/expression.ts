import type { Scanner } from './scanner.ts';
import type { Expression, Field } from './script.ts';

/** Binary operators, those that bind least first. */
const LEVELS: readonly (readonly string[])[] = [['|'], ['&'], ['<<'], ['+', '-'], ['*']];

/** An argument of a system call, as in C with some liberties: `...`, `[a, b]`, `{fd=4, events=POLLIN}`, `A|B`. */
export function parseExpression(scanner: Scanner, level = 0): Expression {
  if (level === LEVELS.length) return parseUnary(scanner);
  let left = parseExpression(scanner, level + 1);
  for (;;) {
    const operator = LEVELS[level].find((each) => scanner.is(each));
    if (operator === undefined) return left;
    scanner.take();
    left = { kind: 'operation', operator, operands: [left, parseExpression(scanner, level + 1)] };
  }
}

/** Expressions between commas, up to and including `close`. */
export function parseArguments(scanner: Scanner, close: string): Expression[] {
  const args: Expression[] = [];
  while (!scanner.accept(close)) {
    if (args.length > 0) scanner.expect(',');
    if (scanner.is(close)) continue;
    args.push(parseExpression(scanner));
  }
  return args;
}

function parseUnary(scanner: Scanner): Expression {
  const operator = ['-', '~'].find((each) => scanner.is(each));
  if (operator === undefined) return parsePrimary(scanner);
  scanner.take();
  return { kind: 'operation', operator, operands: [parseUnary(scanner)] };
}

function parsePrimary(scanner: Scanner): Expression {
  if (scanner.accept('...')) return { kind: 'any' };
  if (scanner.accept('[')) return { kind: 'list', items: parseArguments(scanner, ']') };
  if (scanner.accept('{')) return { kind: 'structure', fields: parseFields(scanner) };
  if (scanner.accept('(')) {
    const inner = parseExpression(scanner);
    scanner.expect(')');
    return inner;
  }
  const token = scanner.take();
  if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
  if (token.kind === 'string') return { kind: 'string', value: parseStrings(scanner, token.text) };
  if (token.kind !== 'word') throw scanner.unexpected(`an argument instead of '${token.text}'`);
  if (!scanner.accept('(')) return { kind: 'name', name: token.text };
  return { kind: 'apply', name: token.text, args: parseArguments(scanner, ')') };
}

/** Strings side by side are one. */
function parseStrings(scanner: Scanner, first: string): string {
  let text = unescape(first);
  while (scanner.next.kind === 'string') text += unescape(scanner.take().text);
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0' };

function unescape(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g, (_, hex?: string, letter = '') =>
    hex === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function parseFields(scanner: Scanner): Field[] {
  const fields: Field[] = [];
  while (!scanner.accept('}')) {
    if (fields.length > 0) scanner.expect(',');
    if (scanner.is('}')) continue;
    fields.push(parseField(scanner));
  }
  return fields;
}

function parseField(scanner: Scanner): Field {
  const value = parseExpression(scanner);
  if (!scanner.accept('=')) return { name: null, args: [], value };
  if (value.kind === 'name') return { name: value.name, args: [], value: parseExpression(scanner) };
  if (value.kind === 'apply') return { name: value.name, args: value.args, value: parseExpression(scanner) };
  throw scanner.unexpected('the name of a field in front of =');
}
