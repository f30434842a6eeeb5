import { makePipe } from '../files/pipe.ts';
import { pagesOf, type LocalFile, type Pieces } from '../files/local-file.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Arguments } from './arguments.ts';
import { sum } from './bytes.ts';
import type { CallTable } from './call-table.ts';
import type { Outcome } from './outcome.ts';
import { numberOf } from './values.ts';

/** Files that are no sockets. */
export const FILE_CALLS: CallTable = {
  open: (args) => opened(args.session.disk.open(args.text(0), args.count > 1 ? args.number(1) : 0)),
  openat: (args) => opened(args.session.disk.open(args.text(1), args.number(2))),
  creat: (args) => opened(args.session.disk.open(args.text(0), 0o1100)),
  pipe,
  pipe2: pipe,
};

function opened(file: LocalFile | number): Outcome {
  return typeof file === 'number' ? { result: file } : { result: 0, isDescriptor: true, file };
}

/** `pipe([5, 6]) = 0`: the numbers that the script has for the end to read from, and the one to write to. */
function pipe(args: Arguments): number {
  const numbers = args.at(0);
  if (numbers.kind !== 'list' || numbers.items.length !== 2) throw new ScriptError(args.line, 'pipe needs [a, b]');
  const ends = makePipe();
  numbers.items.forEach((item, i) => args.session.descriptors.openFile(numberOf(item, args.line), ends[i]));
  return 0;
}

/** What `read` says of a file. */
export function readFile(file: LocalFile, length: number, offset?: number): number {
  return length < 0 ? length : countOf(file.read(length, offset));
}

export function writeFile(file: LocalFile, length: number): number {
  return length < 0 ? length : file.write(pagesOf(0, length));
}

export function countOf(pieces: Pieces): number {
  return typeof pieces === 'number' ? pieces : sum(pieces);
}
