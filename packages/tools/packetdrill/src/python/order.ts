import {
  isSame,
  isTrue,
  itemsOf,
  numberOf,
  PythonFunction,
  PythonList,
  type Named,
  type PythonValue,
} from './values.ts';

/** `sorted(list, key=..., reverse=...)`. */
export function sorted(list: PythonValue, { key, reverse = 0 }: Named): PythonValue[] {
  const keyOf = (item: PythonValue): PythonValue => (key instanceof PythonFunction ? key.call([item], {}) : item);
  const items = itemsOf(list).toSorted((a, b) => order(keyOf(a), keyOf(b)));
  return isTrue(reverse) ? items.reverse() : items;
}

export function order(a: PythonValue, b: PythonValue): number {
  if (a instanceof PythonList && b instanceof PythonList) {
    const at = a.items.findIndex((item, i) => b.items[i] === undefined || !isSame(item, b.items[i]));
    return at < 0 || b.items[at] === undefined ? a.items.length - b.items.length : order(a.items[at], b.items[at]);
  }
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  return numberOf(a) - numberOf(b);
}
