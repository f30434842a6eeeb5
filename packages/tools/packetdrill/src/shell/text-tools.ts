import { DONE, failed, MissingFacility, printed, type Ended, type Invocation } from './command.ts';
import { readFile } from './files.ts';
import { findSetting } from './sysctl-names.ts';

/** `grep [-q] [-c] [-v] [-i] [-o] [-w] [-x] [-F] [-E] [-e] PATTERN [FILE]`. */
export function grep({ session, args, input }: Invocation): Ended {
  const flags = args.filter((arg) => /^-[a-zA-Z]+$/.test(arg)).join('');
  const [pattern, file] = args.filter((arg) => !/^-[a-zA-Z]+$/.test(arg));
  const unknown = flags.replace(/[-qcviEwoxFPse]/g, '');
  if (unknown !== '') throw new MissingFacility(`grep -${unknown} is not supported`);
  const text = file === undefined ? input : readFile(session, file);
  const expression = expressionOf(pattern, flags);
  const lines = text.split('\n').filter((line) => line !== '' && expression.test(line) !== flags.includes('v'));
  const status = lines.length > 0 ? 0 : 1;
  if (flags.includes('q')) return { status, output: '', error: '' };
  const shown = flags.includes('o') ? lines.map((line) => expression.exec(line)?.[0] ?? '') : lines;
  const output = flags.includes('c') ? `${lines.length}\n` : shown.map((line) => `${line}\n`).join('');
  return { status, output, error: `grep: nothing matches '${pattern}'` };
}

function expressionOf(pattern: string, flags: string): RegExp {
  const body = flags.includes('F') ? pattern.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`) : pattern;
  const bounded = flags.includes('x') ? `^(?:${body})$` : flags.includes('w') ? `\\b(?:${body})\\b` : body;
  return new RegExp(bounded, flags.includes('i') ? 'i' : '');
}

export function cat({ session, args, input }: Invocation): Ended {
  return printed(args.length === 0 ? input : args.map((file) => readFile(session, file)).join(''));
}

/** `-n`: without the end of the line; `-e`: with what `\\n` and its like stand for. */
export function echo({ args }: Invocation): Ended {
  const first = args.findIndex((arg) => !/^-[ne]+$/.test(arg));
  const [flags, words] = first < 0 ? [args, []] : [args.slice(0, first), args.slice(first)];
  const text = words.join(' ');
  const shown = flags.some((flag) => flag.includes('e')) ? unescape(text) : text;
  return printed(flags.some((flag) => flag.includes('n')) ? shown : `${shown}\n`);
}

/** `printf FORMAT ARGUMENT ...`, with `%s` and `%d`. */
export function printf({ args: [format = '', ...args] }: Invocation): Ended {
  let next = 0;
  return printed(unescape(format).replace(/%(?:[sdiu]|%)/g, (mark) => (mark === '%%' ? '%' : (args[next++] ?? ''))));
}

function unescape(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

/** `awk '{print $2}'`, `awk '/PATTERN/ {print $2, $1}'`. */
export function awk({ session, args, input }: Invocation): Ended {
  const [, pattern, fields] = /^\s*(?:\/(.*)\/)?\s*\{\s*print\s*(.*?)\s*;?\s*\}\s*$/.exec(args[0] ?? '') ?? [];
  if (fields === undefined || !/^(?:\$\d+[\s,]*)*$/.test(fields)) {
    throw new MissingFacility(`awk '${args[0]}': only {print $N} is supported`);
  }
  const numbers = [...fields.matchAll(/\$(\d+)/g)].map(([, digits]) => Number(digits));
  const text = args[1] === undefined ? input : readFile(session, args[1]);
  const lines = text
    .split('\n')
    .filter((line) => line !== '' && (pattern === undefined || new RegExp(pattern).test(line)));
  const cut = (line: string): string => {
    const words = [line, ...line.trim().split(/\s+/)];
    return numbers.length === 0 ? line : numbers.map((number) => words[number] ?? '').join(' ');
  };
  return printed(lines.map((line) => `${cut(line)}\n`).join(''));
}

const COMPARISONS: Readonly<Record<string, (left: string, right: string) => boolean>> = {
  '=': (left, right) => left === right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '-eq': (left, right) => Number(left) === Number(right),
  '-ne': (left, right) => Number(left) !== Number(right),
  '-gt': (left, right) => Number(left) > Number(right),
  '-ge': (left, right) => Number(left) >= Number(right),
  '-lt': (left, right) => Number(left) < Number(right),
  '-le': (left, right) => Number(left) <= Number(right),
};

/** `test A = B`, `test A -eq B`, `test -z A`, `test -f FILE`, `! ...`, `... -a ...`, `... -o ...`; `[` with its bracket. */
export function test(invocation: Invocation): Ended {
  const { args } = invocation;
  const words = args.at(-1) === ']' || args.at(-1) === ']]' ? args.slice(0, -1) : args;
  return holds(invocation, words) ? DONE : failed(`test ${words.join(' ')}: no`);
}

function holds(invocation: Invocation, words: readonly string[]): boolean {
  for (const [joint, both] of [
    ['-o', false],
    ['-a', true],
    ['||', false],
    ['&&', true],
  ] as const) {
    const at = words.indexOf(joint);
    if (at <= 0) continue;
    const [left, right] = [holds(invocation, words.slice(0, at)), holds(invocation, words.slice(at + 1))];
    return both ? left && right : left || right;
  }
  if (words[0] === '!') return !holds(invocation, words.slice(1));
  const [first, second] = words;
  if (words.length === 3 && Object.hasOwn(COMPARISONS, second)) return COMPARISONS[second](first, words[2]);
  if (words.length <= 1) return (first ?? '') !== '';
  if (words.length === 2 && first === '-n') return second !== '';
  if (words.length === 2 && first === '-z') return second === '';
  if (words.length === 2 && /^-[efrsw]$/.test(first)) return exists(invocation, second);
  throw new MissingFacility(`test ${words.join(' ')} is not supported`);
}

function exists({ session }: Invocation, path: string): boolean {
  if (path.startsWith('/proc/sys/') || path.startsWith('/sys/module/')) return findSetting(session, path) !== null;
  return session.disk.read(path) !== null;
}
