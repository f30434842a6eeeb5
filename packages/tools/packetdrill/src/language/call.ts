import { parseArguments } from './expression.ts';
import { parseInteger } from './numbers.ts';
import type { Scanner } from './scanner.ts';
import type { Call } from './script.ts';

/** `name(arguments) = result ERRNO (note)`. */
export function parseCall(scanner: Scanner, end: number | null): Call {
  const name = scanner.expectKind('word').text;
  scanner.expect('(');
  const args = parseArguments(scanner, ')');
  scanner.expect('=');
  const result = scanner.accept('?') ? null : parseInteger(scanner);
  const errno = scanner.next.kind === 'word' ? scanner.take().text : null;
  if (scanner.is('(')) parseNote(scanner);
  return { kind: 'call', name, args, result, errno, end };
}

/** What strace says of the result means nothing. */
function parseNote(scanner: Scanner): void {
  if (scanner.takeRaw(/\((?:[^()\n]|\([^()\n]*\))*\)/) === null) throw scanner.unexpected("a note that ends with ')'");
}
