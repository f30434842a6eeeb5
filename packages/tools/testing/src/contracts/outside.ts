/** Functions of the program around, which know nothing of hosts; and what to take instead. */
const OUTSIDE: readonly (readonly [owner: object, name: string, known: string, instead: string])[] = [
  [globalThis, 'setTimeout', 'setTimeout', "the host's timers"],
  [globalThis, 'setInterval', 'setInterval', "the host's timers"],
  [globalThis, 'setImmediate', 'setImmediate', "the host's softirqs"],
  [globalThis, 'queueMicrotask', 'queueMicrotask', "the host's softirqs"],
  [Date, 'now', 'Date.now', "the host's Clock"],
  [performance, 'now', 'performance.now', "the host's Clock"],
  [Math, 'random', 'Math.random', "the host's Random"],
];

/** Tells of every call of a function that reaches around the host, until what it returns is called. */
export function watchOutside(note: (deed: string) => void): () => void {
  const undo = OUTSIDE.map(([owner, name, known, instead]) => {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    const real = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
    const told = (...args: unknown[]): unknown => {
      note(`used ${known} instead of ${instead}`);
      return Reflect.apply(real, owner, args);
    };
    Object.defineProperty(owner, name, { value: told, configurable: true, writable: true });
    return () => (own === undefined ? Reflect.deleteProperty(owner, name) : Object.defineProperty(owner, name, own));
  });
  return () => undo.forEach((back) => back());
}
