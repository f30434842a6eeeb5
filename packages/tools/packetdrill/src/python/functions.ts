import { isInstance } from './classes.ts';
import { order, sorted } from './order.ts';
import {
  isTrue,
  itemsOf,
  numberOf,
  PythonDict,
  PythonError,
  PythonFunction,
  PythonList,
  PythonSet,
  reprOf,
  textOf,
  type Named,
  type PythonValue,
} from './values.ts';

type Built = (args: readonly PythonValue[], named: Named) => PythonValue;

/** The one that is first or last by `key`. */
const extreme =
  (isBetter: (a: PythonValue, b: PythonValue) => boolean): Built =>
  (args, { key }) => {
    const items = args.length === 1 ? itemsOf(args[0]) : args;
    if (items.length === 0) throw new PythonError('there is nothing in it');
    const keyOf = (item: PythonValue): PythonValue => (key instanceof PythonFunction ? key.call([item], {}) : item);
    return items.reduce((best, item) => (isBetter(keyOf(item), keyOf(best)) ? item : best));
  };

function applied(mapping: PythonValue, list: PythonValue): PythonValue[] {
  if (!(mapping instanceof PythonFunction)) throw new PythonError('a function is needed');
  return itemsOf(list).map((item) => mapping.call([item], {}));
}

function integer(value: PythonValue, base: PythonValue = 10): number {
  const number =
    typeof value === 'string' && base !== 0 && base !== 10
      ? Number.parseInt(value, numberOf(base))
      : Math.trunc(Number(value));
  if (Number.isNaN(number)) throw new PythonError(`'${textOf(value)}' is no number`);
  return number;
}

function dict([from]: readonly PythonValue[], named: Named): PythonDict {
  const made = new PythonDict();
  const entries = from instanceof PythonDict ? from.entries : from === undefined ? [] : itemsOf(from).map(itemsOf);
  for (const [key, value] of entries) made.set(key, value);
  for (const [key, value] of Object.entries(named)) made.set(key, value);
  return made;
}

/** As Python rounds: halves to the even number. */
function rounded(value: number, digits: number): number {
  const scaled = value * 10 ** digits;
  const whole = Math.round(scaled);
  return (Math.abs(scaled % 1) === 0.5 && whole % 2 !== 0 ? whole - 1 : whole) / 10 ** digits;
}

/** What `raise` may raise is its text. */
const ERRORS = [
  'AssertionError',
  'Exception',
  'IndexError',
  'KeyError',
  'RuntimeError',
  'TypeError',
  'ValueError',
  'ZeroDivisionError',
];

/** What is there without being made. */
export const FUNCTIONS: Readonly<Record<string, Built>> = {
  ...Object.fromEntries(ERRORS.map((name) => [name, ([text = '']: readonly PythonValue[]) => textOf(text)])),
  abs: ([value]) => Math.abs(numberOf(value)),
  all: ([list]) => Number(itemsOf(list).every(isTrue)),
  any: ([list]) => Number(itemsOf(list).some(isTrue)),
  bin: ([value]) => `0b${numberOf(value).toString(2)}`,
  bool: ([value = 0]) => Number(isTrue(value)),
  chr: ([value]) => String.fromCharCode(numberOf(value)),
  dict,
  divmod: ([a, b]) => {
    const quotient = Math.floor(numberOf(a) / numberOf(b));
    return new PythonList([quotient, numberOf(a) - quotient * numberOf(b)]);
  },
  enumerate: ([list, first = 0]) =>
    new PythonList(itemsOf(list).map((item, i) => new PythonList([i + numberOf(first), item]))),
  filter: ([mapping, list]) => new PythonList(itemsOf(list).filter((_, i) => isTrue(applied(mapping, list)[i]))),
  float: ([value = 0]) => (value === 'inf' ? Infinity : Number(value)),
  hex: ([value]) => `0x${numberOf(value).toString(16)}`,
  int: ([value = 0, base]) => integer(value, base),
  isinstance: ([value, type]) => Number(isInstance(value, type)),
  len: ([list]) => itemsOf(list).length,
  list: ([list = new PythonList([])]) => new PythonList(itemsOf(list)),
  map: ([mapping, list]) => new PythonList(applied(mapping, list)),
  max: extreme((a, b) => order(a, b) > 0),
  min: extreme((a, b) => order(a, b) < 0),
  oct: ([value]) => `0o${numberOf(value).toString(8)}`,
  ord: ([letter]) => textOf(letter).charCodeAt(0),
  pow: ([base, exponent]) => numberOf(base) ** numberOf(exponent),
  range,
  repr: ([value]) => reprOf(value),
  reversed: ([list]) => new PythonList([...itemsOf(list)].reverse()),
  round: ([value, digits = 0]) => rounded(numberOf(value), numberOf(digits)),
  set: ([list = new PythonList([])]) => new PythonSet(itemsOf(list)),
  sorted: ([list], named) => new PythonList(sorted(list, named)),
  str: ([value = '']) => textOf(value),
  sum: ([list, first = 0]) => itemsOf(list).reduce<number>((sum, item) => sum + numberOf(item), numberOf(first)),
  tuple: ([list = new PythonList([])]) => new PythonList(itemsOf(list)),
  zip: (lists) => {
    const length = Math.min(...lists.map((list) => itemsOf(list).length));
    return new PythonList(Array.from({ length }, (_, i) => new PythonList(lists.map((list) => itemsOf(list)[i]))));
  },
};

/** `range(last)`, `range(first, last)`, `range(first, last, step)`. */
export function range(args: readonly PythonValue[]): PythonList {
  const [first, last, step] = args.length === 1 ? [0, numberOf(args[0]), 1] : [...args.map(numberOf), 1];
  const items: number[] = [];
  for (let at = first; step > 0 ? at < last : at > last; at += step) items.push(at);
  return new PythonList(items);
}
