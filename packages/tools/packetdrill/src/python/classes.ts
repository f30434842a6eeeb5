import {
  PythonDict,
  PythonError,
  PythonFunction,
  PythonList,
  PythonModule,
  type Named,
  type PythonValue,
} from './values.ts';

/** Makes objects when called: its `__init__` sets their members up. */
export class PythonClass extends PythonFunction {
  readonly name: string;
  readonly base: PythonClass | null;
  readonly members = new Map<string, PythonValue>();

  constructor(name: string, base: PythonClass | null) {
    super((args, named) => {
      const made = new PythonObject(this);
      const init = this.find('__init__');
      if (init instanceof PythonFunction) init.call([made, ...args], named);
      return made;
    });
    this.name = name;
    this.base = base;
  }

  /** Its own member, or one of what it derives from. */
  find(name: string): PythonValue | undefined {
    return this.members.get(name) ?? this.base?.find(name);
  }
}

export class PythonObject extends PythonModule {
  readonly own: PythonClass;

  constructor(own: PythonClass) {
    super({});
    this.own = own;
  }
}

/** What `value.name` is; undefined for what is no class and no object, whose methods are built in. */
export function memberOf(value: PythonValue, name: string): PythonValue | undefined {
  if (value instanceof PythonClass) return value.find(name) ?? missing(name);
  if (!(value instanceof PythonModule)) return undefined;
  if (Object.hasOwn(value.members, name)) return value.members[name];
  const member = value instanceof PythonObject ? value.own.find(name) : undefined;
  if (member === undefined) return missing(name);
  if (!(member instanceof PythonFunction) || member instanceof PythonClass) return member;
  return new PythonFunction((args: readonly PythonValue[], named: Named) => member.call([value, ...args], named));
}

function missing(name: string): never {
  throw new PythonError(`it has no ${name}`);
}

export function setMember(value: PythonValue, name: string, fresh: PythonValue): void {
  if (value instanceof PythonClass) value.members.set(name, fresh);
  else if (value instanceof PythonModule) (value.members as Record<string, PythonValue>)[name] = fresh;
  else throw new PythonError(`${name} cannot be set`);
}

/** `isinstance(x, int)`, where a type is the function that makes one. */
export function isInstance(value: PythonValue, type: PythonValue): boolean {
  if (type instanceof PythonList) return type.items.some((each) => isInstance(value, each));
  if (type instanceof PythonClass) {
    let own = value instanceof PythonObject ? value.own : null;
    while (own !== null && own !== type) own = own.base;
    return own !== null;
  }
  return type instanceof PythonFunction && typesOf(value).includes(type.named);
}

/** Names of the built-in types that a value has. */
function typesOf(value: PythonValue): string[] {
  if (typeof value === 'string') return ['str'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['int', 'bool', 'float'] : ['float'];
  if (value instanceof PythonDict) return ['dict'];
  return value instanceof PythonList ? ['list', 'tuple', 'set'] : [];
}
