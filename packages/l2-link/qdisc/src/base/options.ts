import { StackError } from '@stack/plugin';

/** What is wrong with an option of a discipline or a class. */
export function badOption(kind: string, what: string, remedy: string): StackError {
  return new StackError('ERR_STACK_QDISC_OPTION', `${kind} cannot have ${what}`, remedy);
}

/** A whole number between `least` and `most`, or else a StackError. */
export function whole(kind: string, name: string, value: number, least = 0, most = 0xffffffff): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw badOption(kind, `a ${name} of ${value}`, `give a whole number from ${least} to ${most}`);
}

/** A share between 0 and 1, or else a StackError. */
export function share(kind: string, name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw badOption(kind, `a ${name} of ${value}`, 'give a share from 0 to 1');
}
