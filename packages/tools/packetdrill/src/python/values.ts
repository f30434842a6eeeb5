/** What a name of the code may stand for. True and False are 1 and 0, None is 0. */
export type PythonValue = number | string | PythonList | PythonFunction;

/** A list or a tuple. */
export class PythonList {
  readonly items: PythonValue[];

  constructor(items: readonly PythonValue[]) {
    this.items = [...items];
  }
}

export class PythonFunction {
  readonly call: (args: readonly PythonValue[]) => PythonValue;

  constructor(call: PythonFunction['call']) {
    this.call = call;
  }
}

/** What is wrong with the code. */
export class PythonError extends Error {}

export function isTrue(value: PythonValue): boolean {
  return value instanceof PythonList ? value.items.length > 0 : value !== 0 && value !== '';
}

export function numberOf(value: PythonValue): number {
  if (typeof value !== 'number') throw new PythonError(`'${textOf(value)}' is no number`);
  return value;
}

export function itemsOf(value: PythonValue): readonly PythonValue[] {
  if (typeof value === 'string') return [...value];
  if (!(value instanceof PythonList)) throw new PythonError(`'${textOf(value)}' is no list`);
  return value.items;
}

/** As `print` shows it. */
export function textOf(value: PythonValue): string {
  if (value instanceof PythonList) return `[${value.items.map(textOf).join(', ')}]`;
  return value instanceof PythonFunction ? 'a function' : String(value);
}

export function isSame(left: PythonValue, right: PythonValue): boolean {
  if (!(left instanceof PythonList) || !(right instanceof PythonList)) return left === right;
  return left.items.length === right.items.length && left.items.every((item, i) => isSame(item, right.items[i]));
}

/** `'%d of %s' % (1, 2)`, as `format` has it for one value as well: `{:.2f}`. */
export function percentFormat(pattern: string, value: PythonValue): string {
  const values = value instanceof PythonList ? [...value.items] : [value];
  return pattern.replace(/%(?:%|([-0 +#]*\d*(?:\.\d+)?[a-zA-Z]))/g, (mark, spec?: string) =>
    spec === undefined ? mark.slice(1) : formatted(values.shift() ?? '', spec),
  );
}

/** `spec`: what stands behind `%`, or behind the colon in `{x:spec}`. */
export function formatted(value: PythonValue, spec: string): string {
  const [, flags, width, digits, type] = /^([-<>0 +#,]*)(\d*)(?:\.(\d+))?([a-zA-Z]?)$/.exec(spec) ?? [];
  if (flags === undefined) throw new PythonError(`the format '${spec}' is not understood`);
  let text = textOf(value);
  if (type === 'f' || (type === '' && digits !== undefined)) text = numberOf(value).toFixed(Number(digits ?? 6));
  else if (type === 'd') text = String(Math.trunc(numberOf(value)));
  else if (type === 'x' || type === 'X') text = numberOf(value).toString(16);
  if (type === 'X') text = text.toUpperCase();
  if (flags.includes('-') || flags.includes('<')) return text.padEnd(Number(width));
  return text.padStart(Number(width), flags.includes('0') ? '0' : ' ');
}
