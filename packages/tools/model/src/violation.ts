/** What a run may never do, done. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Throws unless it holds. `what` is called only then. */
export function must(holds: boolean, what: () => string): asserts holds {
  if (!holds) throw new Violation(what());
}
