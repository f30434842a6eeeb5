/** What a name of the code may stand for. True and False are 1 and 0, None is 0. */
export type PythonValue = number | string | PythonList | PythonDict | PythonFunction | PythonModule;

/** A list or a tuple. */
export class PythonList {
  readonly items: PythonValue[];

  constructor(items: readonly PythonValue[]) {
    this.items = [...items];
  }
}

/** Each item once. */
export class PythonSet extends PythonList {
  constructor(items: readonly PythonValue[]) {
    super(items.filter((item, i) => items.findIndex((other) => isSame(item, other)) === i));
  }
}

export class PythonDict {
  readonly #entries = new Map<string, readonly [PythonValue, PythonValue]>();

  get(key: PythonValue): PythonValue | undefined {
    return this.#entries.get(keyOf(key))?.[1];
  }

  set(key: PythonValue, value: PythonValue): void {
    this.#entries.set(keyOf(key), [key, value]);
  }

  delete(key: PythonValue): boolean {
    return this.#entries.delete(keyOf(key));
  }

  get entries(): (readonly [PythonValue, PythonValue])[] {
    return [...this.#entries.values()];
  }
}

/** The number 1 and the string '1' are two keys. */
function keyOf(key: PythonValue): string {
  return `${typeof key} ${textOf(key)}`;
}

/** What `import` brings: values and functions by name. */
export class PythonModule {
  readonly members: Readonly<Record<string, PythonValue>>;

  constructor(members: PythonModule['members']) {
    this.members = members;
  }
}

/** Arguments that are written with their names. */
export type Named = Readonly<Record<string, PythonValue>>;

export class PythonFunction {
  readonly call: (args: readonly PythonValue[], named: Named) => PythonValue;
  /** Of one that is built in. */
  readonly named: string;

  constructor(call: PythonFunction['call'], named = '') {
    this.call = call;
    this.named = named;
  }
}

/** What is wrong with the code. */
export class PythonError extends Error {}

export function isTrue(value: PythonValue): boolean {
  if (value instanceof PythonDict) return value.entries.length > 0;
  return value instanceof PythonList ? value.items.length > 0 : value !== 0 && value !== '';
}

export function numberOf(value: PythonValue): number {
  if (typeof value !== 'number') throw new PythonError(`'${textOf(value)}' is no number`);
  return value;
}

export function itemsOf(value: PythonValue): readonly PythonValue[] {
  if (typeof value === 'string') return [...value];
  if (value instanceof PythonDict) return value.entries.map(([key]) => key);
  if (!(value instanceof PythonList)) throw new PythonError(`'${textOf(value)}' is no list`);
  return value.items;
}

/** As `print` shows it. */
export function textOf(value: PythonValue): string {
  if (value instanceof PythonList) return `[${value.items.map(textOf).join(', ')}]`;
  if (value instanceof PythonDict)
    return `{${value.entries.map(([key, each]) => `${reprOf(key)}: ${reprOf(each)}`).join(', ')}}`;
  if (value instanceof PythonModule) return 'a module';
  return value instanceof PythonFunction ? 'a function' : String(value);
}

/** With quotes around text. */
export function reprOf(value: PythonValue): string {
  return typeof value === 'string' ? `'${value}'` : textOf(value);
}

export function isSame(left: PythonValue, right: PythonValue): boolean {
  if (left instanceof PythonDict && right instanceof PythonDict) return textOf(left) === textOf(right);
  if (left instanceof PythonSet && right instanceof PythonList)
    return (
      left.items.length === right.items.length &&
      left.items.every((item) => right.items.some((other) => isSame(item, other)))
    );
  if (!(left instanceof PythonList) || !(right instanceof PythonList)) return left === right;
  return left.items.length === right.items.length && left.items.every((item, i) => isSame(item, right.items[i]));
}

/** `'%d of %s' % (1, 2)`, as `format` has it for one value as well: `{:.2f}`. */
export function percentFormat(pattern: string, value: PythonValue): string {
  const values = value instanceof PythonList ? [...value.items] : [value];
  const named = value instanceof PythonDict ? value : new PythonDict();
  const text = pattern.replace(/%\((\w+)\)([-0 +#]*\d*(?:\.\d+)?[a-zA-Z])/g, (_, key: string, spec: string) =>
    formatted(named.get(key) ?? '', spec),
  );
  return text.replace(/%(?:%|([-0 +#]*\d*(?:\.\d+)?[a-zA-Z]))/g, (mark, spec?: string) =>
    spec === undefined ? mark.slice(1) : formatted(values.shift() ?? '', spec),
  );
}

/** `spec`: what stands behind `%`, or behind the colon in `{x:spec}`. */
export function formatted(value: PythonValue, spec: string): string {
  const [, flags, width, digits, type] = /^([-<>^0 +#,]*)(\d*)(?:\.(\d+))?([a-zA-Z%]?)$/.exec(spec) ?? [];
  if (flags === undefined) throw new PythonError(`the format '${spec}' is not understood`);
  let text = type === 'r' ? reprOf(value) : textOf(value);
  if (type === 'f' || (type === '' && digits !== undefined)) text = numberOf(value).toFixed(Number(digits ?? 6));
  else if (type === 'b' || type === 'o') text = numberOf(value).toString(type === 'b' ? 2 : 8);
  else if (type === 'c') text = String.fromCharCode(numberOf(value));
  else if (type === 'e') text = numberOf(value).toExponential(Number(digits ?? 6));
  else if (type === '%') text = `${(numberOf(value) * 100).toFixed(Number(digits ?? 6))}%`;
  else if (type === 'd' || type === 'i' || type === 'u') text = String(Math.trunc(numberOf(value)));
  else if (type === 'x' || type === 'X') text = numberOf(value).toString(16);
  if (type === 'X') text = text.toUpperCase();
  if (flags.includes('#') && 'xX'.includes(type)) text = `0x${text}`;
  if (flags.includes(',')) text = text.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  if (flags.includes('+') && !text.startsWith('-')) text = `+${text}`;
  if (flags.includes('-') || flags.includes('<')) return text.padEnd(Number(width));
  return text.padStart(Number(width), flags.includes('0') ? '0' : ' ');
}
