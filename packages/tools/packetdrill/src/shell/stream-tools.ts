import { MissingFacility, printed, type Ended, type Invocation } from './command.ts';
import { readFile, writeFile } from './files.ts';

function linesOf(text: string): string[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .filter((line, i, all) => all.length > 1 || line !== '' || i > 0);
}

function joined(lines: readonly string[]): Ended {
  return printed(lines.map((line) => `${line}\n`).join(''));
}

/** The letters of options, those of `withValue` with their values, and what is left. */
function parsed(args: readonly string[], withValue: string): { options: Map<string, string>; rest: string[] } {
  const options = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    if (!/^-[a-zA-Z]/.test(args[i])) {
      rest.push(args[i]);
      continue;
    }
    for (let at = 1; at < args[i].length; at++) {
      const letter = args[i][at];
      const takes = withValue.includes(letter);
      options.set(letter, takes ? args[i].slice(at + 1) || (args[++i] ?? '') : '');
      if (takes) break;
    }
  }
  return { options, rest };
}

function inputOf({ session, input }: Invocation, files: readonly string[]): string {
  return files.length === 0 ? input : files.map((file) => readFile(session, file)).join('');
}

/** `cut -d SEPARATOR -f LIST`, `cut -c LIST`. */
export function cut(invocation: Invocation): Ended {
  const { options, rest } = parsed(invocation.args, 'dfc');
  const separator = options.has('c') ? '' : (options.get('d') ?? '\t');
  const isWanted = listOf(options.get('f') ?? options.get('c') ?? '');
  return joined(
    linesOf(inputOf(invocation, rest)).map((line) => {
      const fields = line.split(separator);
      return fields.length === 1 && separator !== '' ? line : fields.filter((_, i) => isWanted(i + 1)).join(separator);
    }),
  );
}

/** `1,3-5,7-`. */
function listOf(text: string): (place: number) => boolean {
  const ranges = text.split(',').map((part) => {
    const [first, last = first] = part.split('-');
    return [Number(first || 1), last === '' ? Infinity : Number(last)] as const;
  });
  return (place) => ranges.some(([first, last]) => place >= first && place <= last);
}

/** `tr A B`, `tr -d A`, `tr -s A`. */
export function tr({ args, input }: Invocation): Ended {
  const { options, rest } = parsed(args, '');
  const [from, to = ''] = rest.map(letters);
  const squeezed = (text: string, set: string): string =>
    text.replace(/([\s\S])\1+/g, (run, letter: string) => (set.includes(letter) ? letter : run));
  if (options.has('d')) return printed([...input].filter((letter) => !from.includes(letter)).join(''));
  if (to === '') return printed(squeezed(input, from));
  const text = [...input].map((letter) => {
    const at = from.indexOf(letter);
    return at < 0 ? letter : to[Math.min(at, to.length - 1)];
  });
  return printed(options.has('s') ? squeezed(text.join(''), to) : text.join(''));
}

/** `a-z`, `[:upper:]`, `\n`. */
function letters(set: string): string {
  return set
    .replaceAll('[:upper:]', 'A-Z')
    .replaceAll('[:lower:]', 'a-z')
    .replaceAll('[:digit:]', '0-9')
    .replaceAll('[:space:]', ' \t\n\r')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replace(/([\s\S])-([\s\S])/g, (_, first: string, last: string) => {
      const [low, high] = [first.charCodeAt(0), last.charCodeAt(0)];
      return String.fromCharCode(...Array.from({ length: Math.max(0, high - low + 1) }, (__, i) => low + i));
    });
}

/** `sort [-n] [-r] [-u] [-k FIELD]`. */
export function sort(invocation: Invocation): Ended {
  const { options, rest } = parsed(invocation.args, 'kt');
  const field = Number.parseInt(options.get('k') ?? '0', 10);
  const separator = options.get('t') ?? /\s+/;
  const keyOf = (line: string): string => (field === 0 ? line : (line.trim().split(separator)[field - 1] ?? ''));
  const compare = (a: string, b: string): number => {
    const [one, other] = [keyOf(a), keyOf(b)];
    if (options.has('n')) return (Number.parseFloat(one) || 0) - (Number.parseFloat(other) || 0);
    return one < other ? -1 : Number(one > other);
  };
  const lines = linesOf(inputOf(invocation, rest)).sort(compare);
  if (options.has('r')) lines.reverse();
  return joined(options.has('u') ? [...new Set(lines)] : lines);
}

/** `uniq [-c]`. */
export function uniq(invocation: Invocation): Ended {
  const { options, rest } = parsed(invocation.args, '');
  const runs: { line: string; count: number }[] = [];
  for (const line of linesOf(inputOf(invocation, rest))) {
    if (runs.at(-1)?.line === line) runs.at(-1)!.count++;
    else runs.push({ line, count: 1 });
  }
  return joined(runs.map(({ line, count }) => (options.has('c') ? `${String(count).padStart(7)} ${line}` : line)));
}

/** `tee [-a] FILE ...`. */
export function tee({ session, args, input }: Invocation): Ended {
  const { options, rest } = parsed(args, '');
  for (const file of rest) writeFile(session, file, input, options.has('a'));
  return printed(input);
}

interface Edit {
  readonly address: RegExp | number | null;
  readonly edit: (line: string) => string | null;
  readonly prints: boolean;
}

/** `sed [-n] [-E] [-e] 's/A/B/g'`, with `/PATTERN/`, a number or `$` in front, and `d` and `p`. */
export function sed(invocation: Invocation): Ended {
  const { options, rest } = parsed(invocation.args, 'e');
  const programs = [...invocation.args].flatMap((arg, i, all) => (arg === '-e' ? [all[i + 1]] : []));
  const [program, files] = programs.length > 0 ? [programs, rest] : [[rest[0] ?? ''], rest.slice(1)];
  if (options.has('i')) throw new MissingFacility('sed -i is not supported');
  const isExtended = options.has('E') || options.has('r');
  const edits = program.flatMap((each) => commandsOf(each)).map((each) => editOf(each, isExtended));
  const out: string[] = [];
  const lines = linesOf(inputOf(invocation, files));
  lines.forEach((written, i) => {
    let line: string | null = written;
    for (const { address, edit, prints } of edits) {
      const holds =
        typeof address === 'number' ? address === (address < 0 ? i - lines.length : i + 1) : address?.test(line);
      if (holds === false) continue;
      const before: string = line;
      line = edit(line);
      if (line === null) return;
      if (prints && (line !== before || edit === same)) out.push(line);
    }
    if (!options.has('n')) out.push(line);
  });
  return joined(out);
}

/** At each `;` that no pattern contains. */
function commandsOf(program: string): string[] {
  return program
    .match(/(?:[^;s]|s(?=;|$))*(?:s([^\w\s])(?:\\.|(?!\1).)*\1(?:\\.|(?!\1).)*\1\w*)?/g)!
    .filter((each) => each.trim() !== '');
}

const same = (line: string): string => line;

function editOf(command: string, isExtended: boolean): Edit {
  const [, place, pattern, rest] = /^\s*(?:(\d+|\$)|\/((?:\\.|[^/])*)\/)?\s*([\s\S]*?)\s*$/.exec(command)!;
  const address = pattern === undefined ? placeOf(place) : basicPattern(pattern, isExtended, '');
  if (rest === 'd') return { address, edit: () => null, prints: false };
  if (rest === 'p') return { address, edit: same, prints: true };
  const [, , from, to, flags] = /^s([^\w\s])((?:\\.|(?!\1).)*)\1((?:\\.|(?!\1).)*)\1(\w*)$/.exec(rest) ?? [];
  if (from === undefined) throw new MissingFacility(`sed '${command}' is not supported`);
  const expression = basicPattern(from, isExtended, flags.replace('p', ''));
  const text = to
    .replaceAll('$', '$$$$')
    .replace(/\\(\d)/g, '$$$1')
    .replace(/(?<!\\)&/g, '$$&')
    .replaceAll('\\n', '\n')
    .replace(/\\([^\d])/g, '$1');
  return { address, edit: (line) => line.replace(expression, text), prints: flags.includes('p') };
}

function placeOf(place: string | undefined): number | null {
  if (place === undefined) return null;
  return place === '$' ? -1 : Number(place);
}

/** In a basic expression it is the escaped parentheses that group. */
export function basicPattern(pattern: string, isExtended: boolean, flags: string): RegExp {
  const body = isExtended
    ? pattern
    : pattern.replace(/\\?[(){}+?|]/g, (mark) => (mark.length === 2 ? mark[1] : `\\${mark}`));
  return new RegExp(body.replaceAll('[[:space:]]', String.raw`\s`).replaceAll('[[:digit:]]', String.raw`\d`), flags);
}
