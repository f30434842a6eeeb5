import { DONE, failed, MissingFacility, printed, type Ended, type Invocation } from './command.ts';
import { readFile } from './files.ts';

/** `grep [-q] [-c] [-v] [-i] [-o] [-E] PATTERN [FILE]`. */
export function grep({ session, args, input }: Invocation): Ended {
  const flags = args.filter((arg) => /^-[a-zA-Z]+$/.test(arg)).join('');
  const [pattern, file] = args.filter((arg) => !/^-[a-zA-Z]+$/.test(arg));
  const unknown = flags.replace(/[-qcviEwo]/g, '');
  if (unknown !== '') throw new MissingFacility(`grep -${unknown} is not supported`);
  const text = file === undefined ? input : readFile(session, file);
  const expression = new RegExp(flags.includes('w') ? `\\b(?:${pattern})\\b` : pattern, flags.includes('i') ? 'i' : '');
  const lines = text.split('\n').filter((line) => line !== '' && expression.test(line) !== flags.includes('v'));
  const status = lines.length > 0 ? 0 : 1;
  if (flags.includes('q')) return { status, output: '', error: '' };
  const output = flags.includes('c') ? `${lines.length}\n` : lines.map((line) => `${line}\n`).join('');
  return { status, output, error: `grep: nothing matches '${pattern}'` };
}

export function cat({ session, args, input }: Invocation): Ended {
  return printed(args.length === 0 ? input : args.map((file) => readFile(session, file)).join(''));
}

export function echo({ args }: Invocation): Ended {
  return printed(`${args.filter((arg) => arg !== '-n').join(' ')}\n`);
}

/** `test A = B`, `test A -eq B`; `[` with its bracket. */
export function test({ args }: Invocation): Ended {
  const words = args.at(-1) === ']' ? args.slice(0, -1) : args;
  const [left, operator, right] = words;
  const compare: Record<string, () => boolean> = {
    '=': () => left === right,
    '==': () => left === right,
    '!=': () => left !== right,
    '-eq': () => Number(left) === Number(right),
    '-ne': () => Number(left) !== Number(right),
    '-gt': () => Number(left) > Number(right),
    '-ge': () => Number(left) >= Number(right),
    '-lt': () => Number(left) < Number(right),
    '-le': () => Number(left) <= Number(right),
  };
  if (!Object.hasOwn(compare, operator)) throw new MissingFacility(`test ${words.join(' ')} is not supported`);
  return compare[operator]() ? DONE : failed(`test ${words.join(' ')}: no`);
}
