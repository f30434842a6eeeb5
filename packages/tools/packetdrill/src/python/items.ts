import { itemsOf, numberOf, PythonDict, PythonError, PythonList, textOf, type PythonValue } from './values.ts';

/** `value[i]`, or with more than one part `value[from:to:step]`; null for a part that is not written. */
export function itemOf(value: PythonValue, parts: readonly (PythonValue | null)[]): PythonValue {
  const [index] = parts;
  if (parts.length > 1) {
    return slice(
      value,
      parts.map((part) => (part === null ? null : numberOf(part))),
    );
  }
  if (index === null) throw new PythonError('an index is missing');
  const item = value instanceof PythonDict ? value.get(index) : itemsOf(value).at(numberOf(index));
  if (item === undefined)
    throw new PythonError(`there is no ${value instanceof PythonDict ? 'key' : 'item'} ${textOf(index)}`);
  return item;
}

function slice(value: PythonValue, [from = null, to = null, step = null]: readonly (number | null)[]): PythonValue {
  const items = [...itemsOf(value)];
  const stride = step ?? 1;
  if (stride < 0) items.reverse();
  const turned = (index: number | null): number | undefined => {
    if (index === null || stride > 0) return index ?? undefined;
    return index < 0 ? -index - 1 : items.length - 1 - index;
  };
  const part = items.slice(turned(from), turned(to)).filter((_, i) => i % Math.abs(stride) === 0);
  return typeof value === 'string' ? part.join('') : new PythonList(part);
}
