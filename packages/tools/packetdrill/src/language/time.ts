import { parseSeconds } from './numbers.ts';
import type { Scanner } from './scanner.ts';
import type { EventTime } from './script.ts';

/** `0.5`, `+.1`, `.1~.2`, `+.1~+.2`, `*`. */
export function parseTime(scanner: Scanner): EventTime {
  if (scanner.accept('*')) return { base: 'any', from: 0, to: null };
  const relative = scanner.accept('+');
  const from = parseSeconds(scanner);
  let to: number | null = null;
  if (scanner.accept('~')) {
    if (relative) scanner.expect('+');
    to = parseSeconds(scanner);
  }
  return { base: relative ? 'previous' : 'start', from, to };
}

/** Behind the time of a blocking call: `...0.5`. */
export function parseEndTime(scanner: Scanner): number | null {
  return scanner.accept('...') ? parseSeconds(scanner) : null;
}

/** Whether an event begins here. */
export function isTime(scanner: Scanner): boolean {
  return scanner.next.kind === 'number' || scanner.is('+') || scanner.is('*');
}
