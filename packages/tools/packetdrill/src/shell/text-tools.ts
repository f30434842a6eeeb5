import { formatted } from '../python/values.ts';
import { DONE, failed, MissingFacility, printed, type Ended, type Invocation } from './command.ts';
import { globPattern } from './expand.ts';
import { readFile } from './files.ts';
import { isProcNet } from './proc-net.ts';
import { basicPattern } from './stream-tools.ts';
import { findSetting } from './sysctl-names.ts';

/** `grep [-q] [-c] [-v] [-i] [-o] [-w] [-x] [-F] [-E] [-e] PATTERN [FILE]`. */
export function grep({ session, args, input }: Invocation): Ended {
  const isFlag = (arg: string, i: number): boolean => /^-[a-zA-Z]+\d*$/.test(arg) && !args.slice(0, i).includes('--');
  const flags = args.filter(isFlag).join('');
  const [pattern, file] = args.filter((arg, i) => !isFlag(arg, i) && arg !== '--');
  const unknown = flags.replace(/-[mAB]\d+/g, '').replace(/[-qcviEwoxFPseahn]/g, '');
  if (unknown !== '') throw new MissingFacility(`grep -${unknown} is not supported`);
  const text = file === undefined ? input : readFile(session, file);
  const expression = expressionOf(pattern, flags);
  const most = Number(/m(\d+)/.exec(flags)?.[1] ?? Infinity);
  const all = text.split('\n').filter((line) => line !== '' && expression.test(line) !== flags.includes('v'));
  const lines = all.slice(0, most);
  const status = lines.length > 0 ? 0 : 1;
  if (flags.includes('q')) return { status, output: '', error: '' };
  const shown = flags.includes('o') ? lines.map((line) => expression.exec(line)?.[0] ?? '') : lines;
  const output = flags.includes('c') ? `${lines.length}\n` : shown.map((line) => `${line}\n`).join('');
  return { status, output, error: `grep: nothing matches '${pattern}'` };
}

function expressionOf(pattern: string, flags: string): RegExp {
  const isFixed = flags.includes('F');
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const body = isFixed ? escaped : basicPattern(pattern, /[EP]/.test(flags), '').source;
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

/** `printf FORMAT ARGUMENT ...`. */
export function printf({ args: [format = '', ...args] }: Invocation): Ended {
  let next = 0;
  const shown = (spec: string): string => {
    const value = args[next++] ?? '';
    return formatted(spec.endsWith('s') ? value : Number(value), spec.replace(/[iu]$/, 'd'));
  };
  const once = (): string =>
    unescape(format).replace(/%(?:%|([-0 +]*\d*(?:\.\d+)?[sdiuxXf]))/g, (_, spec?: string) =>
      spec === undefined ? '%' : shown(spec),
    );
  let text = once();
  while (next > 0 && next < args.length) text += once();
  return printed(text);
}

function unescape(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
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

/** Those of `[[ ... ]]`. */
const PATTERNS: Readonly<Record<string, (left: string, right: string) => boolean>> = {
  '=': (left, right) => globPattern(right).test(left),
  '==': (left, right) => globPattern(right).test(left),
  '!=': (left, right) => !globPattern(right).test(left),
  '=~': (left, right) => new RegExp(right).test(left),
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
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
  if (words.length === 3 && invocation.args.at(-1) === ']]' && Object.hasOwn(PATTERNS, second))
    return PATTERNS[second](first, words[2]);
  if (words.length === 3 && Object.hasOwn(COMPARISONS, second)) return COMPARISONS[second](first, words[2]);
  if (words.length <= 1) return (first ?? '') !== '';
  if (words.length === 2 && first === '-n') return second !== '';
  if (words.length === 2 && first === '-z') return second === '';
  if (words.length === 2 && /^-[defrswx]$/.test(first)) return exists(invocation, second);
  throw new MissingFacility(`test ${words.join(' ')} is not supported`);
}

function exists({ session }: Invocation, path: string): boolean {
  if (path.startsWith('/proc/net/')) return isProcNet(path);
  if (/^\/proc(?:\/sys(?:\/net(?:\/(?:ipv4|core))?)?)?\/?$/.test(path)) return true;
  if (path.startsWith('/proc/sys/') || path.startsWith('/sys/module/')) return findSetting(session, path) !== null;
  return session.disk.read(path) !== null;
}
