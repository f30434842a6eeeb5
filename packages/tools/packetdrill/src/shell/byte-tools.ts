import { DONE, failed, MissingFacility, printed, type Ended, type Invocation } from './command.ts';
import { readFile, writeFile } from './files.ts';

/** The most that /dev/zero and `yes` give. */
const MOST = 16 * 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = { '': 1, c: 1, k: 1024, K: 1024, M: 1 << 20, kB: 1000, MB: 1e6 };

function sizeOf(text: string): number {
  const [, digits, unit = ''] = /^(\d+)(c|k|K|M|kB|MB)?$/.exec(text) ?? [];
  if (digits === undefined) throw new MissingFacility(`'${text}' is no size`);
  return Number(digits) * UNITS[unit];
}

/** `dd if=/dev/zero of=FILE bs=N count=N`. */
export function dd({ session, args, input }: Invocation): Ended {
  const values = new Map(args.map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)] as const));
  const from = values.get('if');
  const length = sizeOf(values.get('bs') ?? '512') * sizeOf(values.get('count') ?? String(MOST));
  const source =
    from === '/dev/zero' ? '\0'.repeat(Math.min(length, MOST)) : from === undefined ? input : readFile(session, from);
  const text = source.slice(0, length);
  const to = values.get('of');
  if (to === undefined) return printed(text);
  writeFile(session, to, text, false);
  return DONE;
}

/** `truncate -s SIZE FILE`. */
export function truncate({ session, args }: Invocation): Ended {
  const size = args.findIndex((arg) => arg.startsWith('-s'));
  const inWord = args[size]?.slice(2) ?? '';
  const length = sizeOf(inWord === '' ? (args[size + 1] ?? '') : inWord);
  for (const file of args.slice(size + (inWord === '' ? 2 : 1))) {
    const text = session.disk.read(file) ?? '';
    session.disk.write(file, text.slice(0, length).padEnd(length, '\0'));
  }
  return DONE;
}

/** `head -c N`, `head -n N`, `head -N`, and `tail` with them. */
export function head({ session, args, input }: Invocation): Ended {
  const { text, unit, count } = cut(args, input, (file) =>
    file === '/dev/zero' ? '\0'.repeat(MOST) : readFile(session, file),
  );
  return printed(unit === 'c' ? text.slice(0, count) : linesOf(text).slice(0, count).join(''));
}

export function tail({ session, args, input }: Invocation): Ended {
  const { text, unit, count } = cut(args, input, (file) => readFile(session, file));
  if (count === 0) return DONE;
  return printed(unit === 'c' ? text.slice(-count) : linesOf(text).slice(-count).join(''));
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function cut(
  args: readonly string[],
  input: string,
  read: (file: string) => string,
): { text: string; unit: string; count: number } {
  let [unit, count] = ['n', 10];
  const files: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [, letter, digits] = /^-([cn]?)(\w*)$/.exec(args[i]) ?? [];
    if (letter === undefined) files.push(args[i]);
    else {
      unit = letter || 'n';
      count = sizeOf(digits === '' ? args[++i] : digits);
    }
  }
  return { text: files.length === 0 ? input : files.map(read).join(''), unit, count };
}

/** As much of it as anybody needs. */
export function yes({ args }: Invocation): Ended {
  const line = `${args.join(' ') || 'y'}\n`;
  return printed(line.repeat(Math.ceil((1 << 20) / line.length)));
}

export function rm({ session, args }: Invocation): Ended {
  const missing = args.filter((arg) => !arg.startsWith('-') && !session.disk.remove(arg));
  return missing.length === 0 || args.some((arg) => /^-\w*f/.test(arg)) ? DONE : failed(`rm: no ${missing.join(' ')}`);
}

/** Makes a file without anything in it, if there is none. */
export function touch({ session, args }: Invocation): Ended {
  for (const file of args) session.disk.append(file, '');
  return DONE;
}

/** `wc -l`, `-c`, `-w`. */
export function wc({ session, args, input }: Invocation): Ended {
  const file = args.find((arg) => !arg.startsWith('-'));
  const text = file === undefined ? input : readFile(session, file);
  if (args.includes('-l')) return printed(`${text.split('\n').length - 1}\n`);
  return printed(`${args.includes('-w') ? text.split(/\s+/).filter(Boolean).length : text.length}\n`);
}
