import { EFAULT, ENOPROTOOPT } from '@stack/plugin';
import type { Expression } from '../language/script.ts';
import { Unsupported } from '../language/script-error.ts';
import { infoValues } from '../python/socket-values.ts';
import type { Arguments } from './arguments.ts';
import type { CallTable } from './call-table.ts';
import { filterProgram } from './filters.ts';
import { md5Key } from './md5-keys.ts';
import { ints, optionValue } from './option-values.ts';
import type { Outcome } from './outcome.ts';
import { socketsOf } from './sockets.ts';
import { OPTIONS } from './symbols/options.ts';
import { describe, numberOf } from './values.ts';
import { zerocopyReceive } from './zerocopy-receive.ts';

export const OPTION_CALLS: CallTable = {
  setsockopt(args) {
    const length = args.number(4);
    if (args.isNull(3) && length > 0) return -EFAULT;
    const isAny = args.at(3).kind === 'any';
    const value = isAny
      ? new Uint8Array(length)
      : (filterProgram(args) ?? md5Key(args) ?? optionValue(args.at(3), length, args.line));
    return known(args, socketsOf(args).setsockopt(args.fd(0), args.number(1), args.number(2), value));
  },
  getsockopt,
};

/** What a script sets or gets and the host does not have is not the script's failure. */
function known(args: Arguments, result: number): number {
  const { errno, result: wanted } = args.call;
  if (result !== -ENOPROTOOPT || wanted === null || (wanted < 0 && (errno ?? 'ENOPROTOOPT') === 'ENOPROTOOPT'))
    return result;
  throw new Unsupported(args.line, `the stack has no option ${describe(args.at(2))} of level ${describe(args.at(1))}`);
}

/** The value and its length must be as the script has them; a buffer that is too small cuts the value off. */
function getsockopt(args: Arguments): Outcome {
  const isTcp = args.number(1) === OPTIONS.SOL_TCP;
  if (isTcp && args.number(2) === OPTIONS.TCP_ZEROCOPY_RECEIVE && args.item(3).kind === 'structure')
    return zerocopyReceive(args, args.item(3));
  const value = socketsOf(args).getsockopt(args.fd(0), args.number(1), args.number(2));
  const bytes = typeof value === 'number' ? ints([value]) : value;
  if (typeof value === 'number' && value < 0 && isError(args, value)) return { result: known(args, value) };
  const isGiven = args.count > 4 && args.item(4).kind !== 'any';
  const room = isGiven ? numberOf(args.item(4), args.line) : bytes.length;
  const problems = valueProblems(args, bytes, room);
  const length = Math.min(bytes.length, room);
  if (length !== room) problems.push(`the length is ${length}`);
  return { result: 0, problems };
}

function valueProblems(args: Arguments, bytes: Uint8Array, room: number): string[] {
  const wanted = args.item(3);
  if (wanted.kind === 'any') return [];
  const isInfo =
    wanted.kind === 'structure' && [OPTIONS.TCP_INFO, OPTIONS.TCP_CC_INFO].some((name) => name === args.number(2));
  return isInfo ? compareFields(args, wanted) : compare(args, bytes.subarray(0, room), room);
}

/** `{tcpi_unacked=1, tcpi_rtt=...}`: what is left out, or `...`, may be anything. */
function compareFields(args: Arguments, wanted: Extract<Expression, { kind: 'structure' }>): string[] {
  const file = socketsOf(args).fileOf(args.fd(0));
  const seen = typeof file === 'number' ? {} : infoValues(file);
  return wanted.fields.flatMap(({ name, value }) => {
    if (value.kind === 'any') return [];
    const number = numberOf(value, args.line);
    return seen[name ?? ''] === number ? [] : [`expected ${name} ${number}, saw ${seen[name ?? '']}`];
  });
}

/** Some options have negative values: TCP_LINGER2 and IP_TTL of -1. They are not failures when the script expects them. */
function isError(args: Arguments, value: number): boolean {
  if (args.call.result !== 0) return true;
  const wanted = args.item(3);
  return wanted.kind !== 'operation' || numberOf(wanted, args.line) !== value;
}

function compare(args: Arguments, seen: Uint8Array, room: number): string[] {
  const wanted = optionValue(args.at(3), room, args.line);
  if (typeof wanted === 'number') {
    const live = new DataView(seen.buffer, seen.byteOffset).getInt32(0, true);
    return live === (wanted | 0) ? [] : [`expected the value ${wanted}, saw ${live}`];
  }
  const same = wanted.every((byte, i) => byte === seen[i]) && seen.subarray(wanted.length).every((byte) => byte === 0);
  return same ? [] : [`expected the value ${text(wanted)}, saw ${text(seen)}`];
}

function text(bytes: Uint8Array): string {
  const letters = String.fromCharCode(...bytes).replace(/\0+$/, '');
  return /^[\x20-\x7e]+$/.test(letters) ? `"${letters}"` : `[${bytes.join(' ')}]`;
}
