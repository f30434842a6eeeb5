import { setMember } from './classes.ts';
import { PythonExpression, type Names } from './expression.ts';
import { operate } from './operators.ts';
import type { PythonToken } from './tokens.ts';
import { itemsOf, numberOf, PythonDict, PythonError, PythonList, type PythonValue } from './values.ts';

const ASSIGNMENTS = ['=', '+=', '-=', '*=', '/=', '%=', '|=', '&=', '^=', '//=', '**=', '<<=', '>>='];

/** Where the operator is that assigns, outside of all brackets; -1 when there is none. */
export function assignmentIn(tokens: readonly PythonToken[]): number {
  let depth = 0;
  return tokens.findIndex(({ kind, text }) => {
    if (kind !== 'operator') return false;
    if ('([{'.includes(text)) depth++;
    if (')]}'.includes(text)) depth--;
    return depth === 0 && ASSIGNMENTS.includes(text);
  });
}

/** Names alone, with commas between them. */
export function isTarget(tokens: readonly PythonToken[]): boolean {
  return (
    tokens.length > 0 &&
    tokens[0].text !== 'lambda' &&
    tokens.every(({ kind, text }) => kind === 'name' || [',', '(', ')', '*'].includes(text))
  );
}

/** To a name, or to several with commas between them, of which one with a star takes what is left. */
export function assign(scope: Map<string, PythonValue>, target: readonly PythonToken[], value: PythonValue): void {
  const names = target.filter(({ kind }) => kind === 'name').map(({ text }) => text);
  const starred = target.findIndex(({ text }) => text === '*');
  if (names.length === 1 && starred < 0 && !target.some(({ text }) => text === ',')) {
    scope.set(names[0], value);
    return;
  }
  const items = itemsOf(value);
  const star = starred < 0 ? -1 : names.indexOf(target[starred + 1].text);
  const behind = star < 0 ? 0 : names.length - star - 1;
  if (star < 0 ? items.length !== names.length : items.length < names.length - 1)
    throw new PythonError(`${items.length} values are not for ${names.length} names`);
  names.forEach((name, i) => {
    if (i === star) scope.set(name, new PythonList(items.slice(i, items.length - behind)));
    else scope.set(name, items[star >= 0 && i > star ? items.length - (names.length - i) : i]);
  });
}

/** `a.b = x`, `a.b += x`. */
export function assignMember(tokens: readonly PythonToken[], equals: number, names: Names): void {
  const owner = new PythonExpression(tokens.slice(0, equals - 2), 0, names).evaluate();
  setMember(owner, tokens[equals - 1].text, freshValue(tokens, equals, names));
}

/** `a[i] = x`, `a[i] += x`. */
export function assignItem(tokens: readonly PythonToken[], equals: number, names: Names): void {
  const open = openOf(tokens, equals - 1);
  const list = new PythonExpression(tokens.slice(0, open), 0, names).evaluate();
  const index = new PythonExpression(tokens.slice(open + 1, equals - 1), 0, names).evaluateAll();
  const fresh = freshValue(tokens, equals, names);
  if (list instanceof PythonDict) list.set(index, fresh);
  else if (list instanceof PythonList) {
    const at = numberOf(index) < 0 ? numberOf(index) + list.items.length : numberOf(index);
    if (list.items[at] === undefined) throw new PythonError(`there is no item ${numberOf(index)}`);
    list.items[at] = fresh;
  } else throw new PythonError('only items of lists and dicts can be set');
}

/** What stands behind the operator, put together with what was there before. */
function freshValue(tokens: readonly PythonToken[], equals: number, names: Names): PythonValue {
  const value = new PythonExpression(tokens, equals + 1, names).evaluateAll();
  const operator = tokens[equals].text.slice(0, -1);
  if (operator === '') return value;
  return operate(operator, new PythonExpression(tokens.slice(0, equals), 0, names).evaluate(), value);
}

/** Of the bracket that is closed at `close`. */
function openOf(tokens: readonly PythonToken[], close: number): number {
  let [at, depth] = [close, 0];
  do {
    if (tokens[at].kind === 'operator' && ')]}'.includes(tokens[at].text)) depth++;
    if (tokens[at].kind === 'operator' && '([{'.includes(tokens[at].text)) depth--;
  } while (depth > 0 && --at > 0);
  return at;
}

/** `del x`, `del a[i]`. */
export function remove(tokens: readonly PythonToken[], names: Names, scope: Map<string, PythonValue>): void {
  if (tokens.length === 2 && scope.delete(tokens[1].text)) return;
  const open = tokens.at(-1)?.text === ']' ? openOf(tokens, tokens.length - 1) : 0;
  if (open < 2) throw new PythonError(`there is no ${tokens[1]?.text ?? ''}`);
  const list = new PythonExpression(tokens.slice(1, open), 0, names).evaluate();
  const index = new PythonExpression(tokens.slice(open + 1, -1), 0, names).evaluateAll();
  if (list instanceof PythonDict) list.delete(index);
  else if (list instanceof PythonList) list.items.splice(numberOf(index), 1);
}
