import type { Expression } from '../language/script.ts';
import { ScriptError, Unsupported } from '../language/script-error.ts';
import { describe, numberField, numberOf } from './values.ts';

/** An option's value as the host takes it: a number for an `int`, else the bytes of the structure. */
export function optionValue(expression: Expression, length: number, line: number): number | Uint8Array {
  if (expression.kind === 'string') return new TextEncoder().encode(expression.value).subarray(0, length);
  if (expression.kind === 'structure') return structureBytes(expression, line);
  if (expression.kind === 'list' && expression.items.length !== 1) {
    return ints(expression.items.map((item) => numberOf(item, line)));
  }
  const inner = expression.kind === 'list' ? expression.items[0] : expression;
  if (inner.kind === 'structure' || inner.kind === 'string') return optionValue(inner, length, line);
  const number = numberOf(inner, line);
  return length >= 4 ? number : ints([number]).subarray(0, Math.max(length, 0));
}

/** `{onoff=1, linger=2}` and `{tv_sec=1, tv_usec=0}`. */
function structureBytes(expression: Expression, line: number): Uint8Array {
  if (expression.kind !== 'structure')
    throw new ScriptError(line, `a structure is needed, not ${describe(expression)}`);
  const names = expression.fields.map(({ name }) => name);
  for (const prefix of ['', 'l_']) {
    const [onoff, linger] = [`${prefix}onoff`, `${prefix}linger`];
    if (names.includes(onoff))
      return ints([numberField(expression, onoff, line, 0), numberField(expression, linger, line, 0)]);
  }
  if (names.includes('tv_sec')) {
    return longs([numberField(expression, 'tv_sec', line, 0), numberField(expression, 'tv_usec', line, 0)]);
  }
  if (names.includes('clockid'))
    return ints([numberField(expression, 'clockid', line, 0), numberField(expression, 'flags', line, 0)]);
  throw new Unsupported(line, `a structure of ${names.join(', ')} is no value that an option of the stack has`);
}

/** Little-endian. */
export function ints(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, i) => view.setInt32(4 * i, number, true));
  return bytes;
}

function longs(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * numbers.length);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, i) => view.setBigInt64(8 * i, BigInt(number), true));
  return bytes;
}
