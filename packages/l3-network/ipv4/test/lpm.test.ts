import { FibNextHop, FibRoute, NO_METRICS, RTN_BLACKHOLE, RTN_UNICAST } from '@stack/ipv4';
import { NetDevice } from '@stack/netdev';
import { EAGAIN, EINVAL } from '@stack/plugin';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FibResult } from '../src/route/fib-info.ts';
import { FibTable } from '../src/route/fib-table.ts';

const dev = new NetDevice('eth0', { open: () => 0, stop: () => 0, startXmit: () => 0 });
const nextHop = (gateway: number): FibNextHop => new FibNextHop(dev, gateway, 253, 0);

function route(prefix: number, length: number, gateway: number, metric = 0, type = RTN_UNICAST): FibRoute {
  const attributes = { type, scope: 0, protocol: 3, metric, source: 0, mtu: 0, advmss: 0, metrics: NO_METRICS };
  return new FibRoute(prefix, length, attributes, type === RTN_UNICAST ? nextHop(gateway) : null);
}

/** Few different bits, so that prefixes contain each other often. */
const address = fc.integer({ min: 0, max: 0xffff }).map((n) => ((n & 0xff) << 24) | ((n >>> 8) << 4));
const routes = fc.array(
  fc.record({ prefix: address, length: fc.integer({ min: 0, max: 32 }), metric: fc.integer({ min: 0, max: 2 }) }),
  {
    maxLength: 60,
  },
);

/** Looks at every route. */
function naive(all: readonly FibRoute[], wanted: number): FibRoute | null {
  let best: FibRoute | null = null;
  for (const one of all) {
    if ((wanted & one.mask) !== one.prefix) continue;
    if (best === null || one.prefixLength > best.prefixLength) best = one;
    else if (one.prefixLength === best.prefixLength && one.attributes.metric < best.attributes.metric) best = one;
  }
  return best;
}

test('the longest prefix wins, then the lowest metric, whatever comes and goes', () => {
  fc.assert(
    fc.property(
      routes,
      fc.array(address, { minLength: 1, maxLength: 40 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      (plan, lookups, removals) => {
        const table = new FibTable(254);
        let all: FibRoute[] = [];
        plan.forEach(({ prefix, length, metric }, i) => {
          const one = route(prefix, length, i + 1, metric);
          const taken = all.some(
            (other) =>
              other.prefix === one.prefix && other.prefixLength === length && other.attributes.metric === metric,
          );
          expect(table.insert(one, true)).toBe(!taken);
          if (!taken) all.push(one);
        });
        for (const removal of removals) {
          if (all.length === 0) break;
          const gone = all[removal % all.length];
          expect(table.remove((each) => each === gone)).toEqual([gone]);
          all = all.filter((each) => each !== gone);
        }
        const result = new FibResult();
        for (const wanted of lookups) {
          const expected = naive(all, wanted);
          expect(table.lookup(wanted, 0, 0, result)).toBe(expected === null ? -EAGAIN : 0);
          if (expected !== null) expect(result.route).toBe(expected);
        }
        expect(new Set(table.routes)).toEqual(new Set(all));
      },
    ),
    { numRuns: 300 },
  );
});

test('a dead next hop and a wrong device give way to a shorter prefix; a blackhole does not', () => {
  const table = new FibTable(254);
  const result = new FibResult();
  const wide = route(0, 0, 1);
  const narrow = route(0x0a000000, 8, 2);
  dev.ifindex = 3;
  table.insert(wide, true);
  table.insert(narrow, true);
  expect(table.lookup(0x0a000001, 3, 0, result)).toBe(0);
  expect(result.route).toBe(narrow);
  narrow.nextHop!.flags |= 1;
  expect(table.lookup(0x0a000001, 0, 0, result)).toBe(0);
  expect(result.route).toBe(wide);
  expect(table.lookup(0x0a000001, 4, 0, result)).toBe(-EAGAIN);
  table.insert(route(0x0a000000, 24, 0, 0, RTN_BLACKHOLE), true);
  expect(table.lookup(0x0a000001, 0, 0, result)).toBe(-EINVAL);
  expect(table.lookup(0x0a000101, 0, 0, result)).toBe(0);
});
