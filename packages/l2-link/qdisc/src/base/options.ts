import { StackError } from '@stack/plugin';

/** What is wrong with an option of a discipline or a class. */
export function badOption(kind: string, what: string, remedy: string): StackError {
  return new StackError('ERR_STACK_QDISC_OPTION', `${kind} cannot have ${what}`, remedy);
}

/** All names of a type's options; the compiler sees to it that none is missing. */
export type Names<T> = Readonly<Record<keyof T, true>>;

/** Refuses an option whose name is not known: nothing that somebody asks for is passed over in silence. */
export function onlyNames(kind: string, names: Readonly<Record<string, true>>, options: object): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) return;
  const known = Object.keys(names);
  throw badOption(kind, `an option ${unknown}`, known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`);
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
