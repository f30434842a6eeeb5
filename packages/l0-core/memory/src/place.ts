/** Where in the code something happened. Cheap until it is read: the engine formats a stack on demand. */
export type Place = Error;

interface Stacks {
  stackTraceLimit?: number;
}

/** Each frame costs: these are the checker's own, the pool's, and four that tell something. */
const DEPTH = 7;
const SHOWN = 4;
const OWN = /\/(place|checking-arena|checking-pool)\.[tj]s/;
const LIBRARY = /node_modules|node:internal/;
const NOWHERE: Place = { name: '', message: '' };

/** This place; none to whom `Error.stackTraceLimit` is 0, because it has no time for it. */
export function thisPlace(): Place {
  const engine = Error as Stacks;
  const limit = engine.stackTraceLimit;
  if (limit === 0) return NOWHERE;
  engine.stackTraceLimit = DEPTH;
  const place = new Error();
  engine.stackTraceLimit = limit;
  return place;
}

/** The innermost calls that led to a place, without the checker's own. */
export function placeText(place: Place | undefined): string {
  const calls = (place?.stack ?? '').split('\n').slice(1);
  const telling = calls.filter((call) => !OWN.test(call) && !LIBRARY.test(call));
  if (telling.length === 0) return 'at an unknown place';
  return telling
    .slice(0, SHOWN)
    .map((call) => call.trim())
    .join('\n    ');
}
