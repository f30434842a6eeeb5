import type { FibNextHop } from './fib-info.ts';
import type { Route } from './route.ts';

/** What was learned of one destination behind a next hop. @kernel include/net/ip_fib.h struct fib_nh_exception */
export class NextHopException {
  /** From a redirect, 0 when none. */
  gateway = 0;
  /** Of the path, 0 when not known; whether it is too small to be believed, so that DF is not set. */
  pmtu = 0;
  mtuLocked = false;
  /** In jiffies; 0 for never. */
  expires = 0;
  output: Route | null = null;
  input: Route | null = null;
}

/** How many destinations one next hop remembers; the oldest go first. @kernel net/ipv4/route.c FNHE_RECLAIM_DEPTH */
const MOST_EXCEPTIONS = 2048 * 5;

/** What is known of the destination, if it has not expired. @kernel net/ipv4/route.c find_exception() */
export function findException(nextHop: FibNextHop, daddr: number, now: number): NextHopException | null {
  const known = nextHop.exceptions?.get(daddr);
  if (known === undefined) return null;
  if (known.expires === 0 || now < known.expires) return known;
  forget(nextHop, daddr, known);
  return null;
}

/**
 * Learns of a destination: `gateway` and `pmtu` 0 leave what is known. Routes made before are obsolete.
 *
 * @kernel net/ipv4/route.c update_or_create_fnhe()
 */
export function updateOrCreateFnhe(
  nextHop: FibNextHop,
  daddr: number,
  gateway: number,
  pmtu: number,
  mtuLocked: boolean,
  expires: number,
): void {
  const exceptions = (nextHop.exceptions ??= new Map());
  let known = exceptions.get(daddr);
  if (known === undefined) {
    if (exceptions.size >= MOST_EXCEPTIONS) {
      const [oldest, exception] = exceptions.entries().next().value!;
      forget(nextHop, oldest, exception);
    }
    exceptions.set(daddr, (known = new NextHopException()));
    // Sockets that hold the common route must ask again.
    kill(nextHop.output);
    kill(nextHop.input);
  }
  if (gateway !== 0) known.gateway = gateway;
  if (pmtu !== 0) {
    known.pmtu = pmtu;
    known.mtuLocked = mtuLocked;
  }
  known.expires = Math.max(1, expires);
  kill(known.output);
  kill(known.input);
  known.output = known.input = null;
}

function forget(nextHop: FibNextHop, daddr: number, exception: NextHopException): void {
  kill(exception.output);
  kill(exception.input);
  nextHop.exceptions!.delete(daddr);
}

function kill(route: Route | null): void {
  if (route !== null) route.dead = true;
}
