import { sorted } from './order.ts';
import {
  formatted,
  isSame,
  itemsOf,
  numberOf,
  PythonDict,
  PythonError,
  PythonList,
  reprOf,
  textOf,
  type Named,
  type PythonValue,
} from './values.ts';

type Method<T> = (target: T, args: readonly PythonValue[], named: Named) => PythonValue;

/** `list.append(x)`, `'...'.format(x)` and the like. */
export function callMethod(target: PythonValue, name: string, args: readonly PythonValue[], named: Named): PythonValue {
  if (typeof target === 'string' && Object.hasOwn(OF_TEXT, name)) return OF_TEXT[name](target, args, named);
  if (target instanceof PythonDict && Object.hasOwn(OF_DICTS, name)) return OF_DICTS[name](target, args, named);
  if (target instanceof PythonList && Object.hasOwn(OF_LISTS, name)) return OF_LISTS[name](target, args, named);
  throw new PythonError(`there is no method ${name}`);
}

/** Where it is; an error when it is nowhere. */
function placeOf(items: readonly PythonValue[], wanted: PythonValue): number {
  const at = items.findIndex((item) => isSame(item, wanted));
  if (at < 0) throw new PythonError(`'${textOf(wanted)}' is not in it`);
  return at;
}

/** Python's None comes of what only changes its target. */
const changing =
  <T>(change: (target: T, args: readonly PythonValue[], named: Named) => unknown): Method<T> =>
  (target, args, named) => {
    change(target, args, named);
    return 0;
  };

const OF_LISTS: Readonly<Record<string, Method<PythonList>>> = {
  add: changing(({ items }, [item]) => items.some((each) => isSame(each, item)) || items.push(item)),
  append: changing(({ items }, [item]) => items.push(item)),
  clear: changing(({ items }) => items.splice(0)),
  copy: ({ items }) => new PythonList(items),
  count: ({ items }, [item]) => items.filter((each) => isSame(each, item)).length,
  extend: changing(({ items }, [list]) => items.push(...itemsOf(list))),
  index: ({ items }, [item]) => placeOf(items, item),
  insert: changing(({ items }, [at, item]) => items.splice(numberOf(at), 0, item)),
  pop: ({ items }, [at = -1]) => {
    const [item] = items.splice(numberOf(at), 1);
    if (item === undefined) throw new PythonError('there is nothing to pop');
    return item;
  },
  remove: changing(({ items }, [item]) => items.splice(placeOf(items, item), 1)),
  reverse: changing(({ items }) => items.reverse()),
  sort: changing((list, _, named) => list.items.splice(0, list.items.length, ...sorted(list, named))),
};

const OF_DICTS: Readonly<Record<string, Method<PythonDict>>> = {
  get: (dict, [key, otherwise = 0]) => dict.get(key) ?? otherwise,
  items: (dict) => new PythonList(dict.entries.map((entry) => new PythonList(entry))),
  keys: (dict) => new PythonList(dict.entries.map(([key]) => key)),
  pop: (dict, [key, otherwise]) => {
    const value = dict.get(key) ?? otherwise;
    if (value === undefined) throw new PythonError(`there is no key ${textOf(key)}`);
    dict.delete(key);
    return value;
  },
  setdefault: (dict, [key, value = 0]) => {
    if (dict.get(key) === undefined) dict.set(key, value);
    return dict.get(key)!;
  },
  update: (dict, [other]) => {
    if (other instanceof PythonDict) for (const [key, value] of other.entries) dict.set(key, value);
    return 0;
  },
  values: (dict) => new PythonList(dict.entries.map(([, value]) => value)),
};

const OF_TEXT: Readonly<Record<string, Method<string>>> = {
  count: (text, [part]) => text.split(textOf(part)).length - 1,
  endswith: (text, [end]) => Number(text.endsWith(textOf(end))),
  find: (text, [part]) => text.indexOf(textOf(part)),
  format,
  isdigit: (text) => Number(/^\d+$/.test(text)),
  join: (text, [list]) => itemsOf(list).map(textOf).join(text),
  ljust: (text, [width]) => text.padEnd(numberOf(width)),
  lower: (text) => text.toLowerCase(),
  lstrip: (text) => text.trimStart(),
  replace: (text, [from, to]) => text.replaceAll(textOf(from), () => textOf(to)),
  rjust: (text, [width]) => text.padStart(numberOf(width)),
  rstrip: (text) => text.trimEnd(),
  split: (text, [separator]) =>
    new PythonList(separator === undefined ? text.trim().split(/\s+/) : text.split(textOf(separator))),
  splitlines: (text) => new PythonList(text.replace(/\n$/, '').split('\n')),
  startswith: (text, [begin]) => Number(text.startsWith(textOf(begin))),
  strip: (text) => text.trim(),
  upper: (text) => text.toUpperCase(),
  zfill: (text, [width]) => text.padStart(numberOf(width), '0'),
};

function format(pattern: string, args: readonly PythonValue[], named: Named): string {
  let next = 0;
  return pattern.replace(
    /\{\{|\}\}|\{(\w*)(![rs])?(?::([^}]*))?\}/g,
    (mark, name?: string, how?: string, spec?: string) => {
      if (name === undefined) return mark[0];
      const value = (/^\d*$/.test(name) ? args[name === '' ? next++ : Number(name)] : named[name]) ?? '';
      const shown = how === '!r' ? reprOf(value) : value;
      return spec === undefined ? textOf(shown) : formatted(shown, spec);
    },
  );
}
