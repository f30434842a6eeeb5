import { PythonError, PythonFunction, PythonModule, itemsOf, numberOf, textOf, type PythonValue } from './values.ts';
import type { PythonToken } from './tokens.ts';

const numeric = (call: (...values: number[]) => number): PythonFunction =>
  new PythonFunction((args) => call(...args.map(numberOf)));

/** What code may import. */
const MODULES: Readonly<Record<string, PythonModule>> = {
  math: new PythonModule({
    pi: Math.PI,
    e: Math.E,
    inf: Infinity,
    ceil: numeric(Math.ceil),
    fabs: numeric(Math.abs),
    floor: numeric(Math.floor),
    isclose: numeric((a, b) => Number(Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)))),
    log: numeric((value, base = Math.E) => Math.log(value) / Math.log(base)),
    log10: numeric(Math.log10),
    log2: numeric(Math.log2),
    pow: numeric((base, exponent) => base ** exponent),
    sqrt: numeric(Math.sqrt),
    trunc: numeric(Math.trunc),
  }),
  sys: new PythonModule({
    maxsize: 2 ** 63,
  }),
  __future__: new PythonModule({ print_function: 1, division: 1, unicode_literals: 1, annotations: 1 }),
  functools: new PythonModule({ reduce: new PythonFunction(reduced) }),
  os: new PythonModule({ getpid: numeric(() => 1), getuid: numeric(() => 0) }),
};

function reduced([call, list, first]: readonly PythonValue[]): PythonValue {
  if (!(call instanceof PythonFunction)) throw new PythonError('a function is needed');
  const items = first === undefined ? itemsOf(list) : [first, ...itemsOf(list)];
  if (items.length === 0) throw new PythonError('there is nothing in it');
  return items.reduce((left, right) => call.call([left, right], {}));
}

/** `import a, b as c`, `from a import b as c`, `from a import *`. */
export function importModules(
  tokens: readonly PythonToken[],
  globals: Map<string, PythonValue>,
  print: (text: string) => void,
): void {
  const words = tokens.map(({ text }) => text);
  const isFrom = words[0] === 'from';
  const from = isFrom ? moduleNamed(words[1]).members : null;
  for (let at = isFrom ? 3 : 1; at < words.length; at++) {
    const name = words[at];
    if (['(', ')', ','].includes(name)) continue;
    if (name === 'sys' && from === null) globals.set('sys', sysModule(print));
    const isRenamed = words[at + 1] === 'as';
    if (from !== null && name === '*') for (const [each, value] of Object.entries(from)) globals.set(each, value);
    else if (name !== 'sys' || isRenamed)
      globals.set(isRenamed ? words[at + 2] : name, from === null ? moduleNamed(name) : memberOf(from, name));
    if (isRenamed) at += 2;
  }
}

/** What is written to its streams is printed. */
function sysModule(print: (text: string) => void): PythonModule {
  const write = new PythonFunction(([text]) => {
    print(textOf(text).replace(/\n$/, ''));
    return textOf(text).length;
  });
  const stream = new PythonModule({ write, flush: numeric(() => 0) });
  const exit = new PythonFunction(([status = 0]) => {
    if (status !== 0) throw new PythonError(`the code ends with ${textOf(status)}`);
    return 0;
  });
  return new PythonModule({ ...MODULES.sys.members, stdout: stream, stderr: stream, exit });
}

function moduleNamed(name: string): PythonModule {
  if (!Object.hasOwn(MODULES, name)) throw new PythonError(`the module ${name} is not supported`);
  return MODULES[name];
}

function memberOf(members: PythonModule['members'], name: string): PythonValue {
  if (!Object.hasOwn(members, name)) throw new PythonError(`the module has no ${name}`);
  return members[name];
}
