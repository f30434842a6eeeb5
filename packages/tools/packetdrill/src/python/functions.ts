import {
  formatted,
  isSame,
  isTrue,
  itemsOf,
  numberOf,
  PythonError,
  PythonList,
  textOf,
  type PythonValue,
} from './values.ts';

type Built = (args: readonly PythonValue[]) => PythonValue;

const numbers =
  (call: (...values: number[]) => number): Built =>
  (args) => {
    const values = args.length === 1 && args[0] instanceof PythonList ? args[0].items : args;
    return call(...values.map(numberOf));
  };

/** What is there without being made. */
export const FUNCTIONS: Readonly<Record<string, Built>> = {
  abs: numbers(Math.abs),
  all: ([list]) => Number(itemsOf(list).every(isTrue)),
  any: ([list]) => Number(itemsOf(list).some(isTrue)),
  bool: ([value]) => Number(isTrue(value)),
  float: ([value]) => Number(value),
  hex: ([value]) => `0x${numberOf(value).toString(16)}`,
  int: ([value]) => Math.trunc(Number(value)),
  len: ([list]) => itemsOf(list).length,
  list: ([list]) => new PythonList(itemsOf(list)),
  max: numbers(Math.max),
  min: numbers(Math.min),
  range,
  round: ([value, digits = 0]) => Number(numberOf(value).toFixed(numberOf(digits))),
  sorted: ([list]) => new PythonList(itemsOf(list).toSorted((a, b) => numberOf(a) - numberOf(b))),
  str: ([value]) => textOf(value),
  sum: ([list]) => itemsOf(list).reduce<number>((sum, item) => sum + numberOf(item), 0),
  tuple: ([list]) => new PythonList(itemsOf(list)),
};

/** `range(last)`, `range(first, last)`, `range(first, last, step)`. */
export function range(args: readonly PythonValue[]): PythonList {
  const [first, last, step] = args.length === 1 ? [0, numberOf(args[0]), 1] : [...args.map(numberOf), 1];
  const items: number[] = [];
  for (let at = first; step > 0 ? at < last : at > last; at += step) items.push(at);
  return new PythonList(items);
}

/** `list.append(x)`, `'...'.format(x)` and the like. */
export function callMethod(target: PythonValue, name: string, args: readonly PythonValue[]): PythonValue {
  if (target instanceof PythonList && name === 'append') {
    target.items.push(args[0]);
    return 0;
  }
  if (target instanceof PythonList && name === 'pop') return target.items.pop() ?? 0;
  if (target instanceof PythonList && name === 'index') {
    return target.items.findIndex((item) => isSame(item, args[0]));
  }
  if (typeof target === 'string' && name === 'format') return format(target, args);
  if (typeof target === 'string' && name === 'join') return itemsOf(args[0]).map(textOf).join(target);
  throw new PythonError(`there is no method ${name}`);
}

function format(pattern: string, args: readonly PythonValue[]): string {
  let next = 0;
  return pattern.replace(/\{\{|\}\}|\{(\d*)(?::([^}]*))?\}/g, (mark, index?: string, spec?: string) => {
    if (index === undefined) return mark[0];
    const value = args[index === '' ? next++ : Number(index)] ?? '';
    return spec === undefined ? textOf(value) : formatted(value, spec);
  });
}
