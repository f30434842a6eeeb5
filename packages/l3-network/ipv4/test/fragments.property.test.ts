import { IP_PMTUDISC_DONT, parseIpv4 } from '@stack/ipv4';
import { neighAdd } from '@stack/neigh';
import { parseEthAddress } from '@stack/netdev';
import { ipv4Frame, machine, type DecodedFrame } from '@stack/testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Station, type Wire } from './network.ts';
import { fakeSock, listen, pattern, segment, type Received } from './transport.ts';

const ME = { macDestination: '02:00:00:00:00:02', source: '10.0.0.1', destination: '10.0.0.2' };

interface Pair {
  alice: Station;
  a: Wire;
  b: Wire;
  got: Received[];
  bob: Station;
}

function pair(): Pair {
  const lab = machine();
  const alice = new Station(lab, 'alice');
  const bob = new Station(lab, 'bob');
  const a = alice.wire('02:00:00:00:00:01', '10.0.0.1/24');
  const b = bob.wire('02:00:00:00:00:02', '10.0.0.2/24');
  neighAdd(alice.net.arp.table, parseIpv4('10.0.0.2'), a.dev, parseEthAddress('02:00:00:00:00:02'));
  const { got } = listen(bob);
  return { alice, a, b, got, bob };
}

/** A piece of a datagram on its own. */
function fragment(id: number, payload: Uint8Array, offset: number, end: number, more: boolean): Uint8Array {
  return ipv4Frame(17, payload.subarray(offset, end), { ...ME, id, fragmentOffset: offset, moreFragments: more });
}

test('what is fragmented is reassembled, in any order and with duplicates', () => {
  const { alice, a, b, got } = pair();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9000 }),
      fc.integer({ min: 68, max: 1500 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
      fc.array(fc.nat(), { maxLength: 3 }),
      (size, mtu, order, duplicates) => {
        a.dev.mtu = mtu;
        alice.net.fib.flushCache();
        const sk = fakeSock('10.0.0.1', '10.0.0.2', { pmtudisc: IP_PMTUDISC_DONT });
        expect(alice.ip.queueXmit(sk, segment(alice, size))).toBe(0);
        const frames = a.bytes.splice(0);
        const shuffled = frames
          .map((frame, i) => ({ frame, key: order[i % order.length] }))
          .toSorted((x, y) => x.key - y.key);
        // The datagram is complete with its last fragment: duplicates come before.
        for (const which of duplicates)
          b.receive(...(shuffled.length > 1 ? [shuffled[which % (shuffled.length - 1)].frame] : []));
        b.receive(...shuffled.map(({ frame }) => frame));
        expect(got.splice(0).map(({ payload }) => payload)).toEqual([pattern(size)]);
      },
    ),
    { numRuns: 150 },
  );
});

test('fragments fit the MTU, lie in units of eight without gap or overlap, and only the last has no MF', () => {
  const { alice, a } = pair();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 68, max: 1500 }), (size, mtu) => {
      a.dev.mtu = mtu;
      alice.net.fib.flushCache();
      const sk = fakeSock('10.0.0.1', '10.0.0.2', { pmtudisc: IP_PMTUDISC_DONT, protocol: 200 });
      alice.ip.queueXmit(sk, segment(alice, size));
      const sent: DecodedFrame[] = a.take();
      let expected = 0;
      sent.forEach(({ ip }, i) => {
        expect(ip!.totalLength).toBeLessThanOrEqual(mtu);
        expect(ip!.checksumOk).toBe(true);
        expect(ip!.fragmentOffset).toBe(expected);
        expect(ip!.moreFragments).toBe(i < sent.length - 1);
        expect(ip!.id).toBe(sent[0].ip!.id);
        expected += ip!.totalLength - ip!.headerLength;
      });
      expect(expected).toBe(size);
    }),
    { numRuns: 150 },
  );
});

/** A datagram cut in units of eight bytes, and one piece more that comes after `when` others. */
const cuts = fc
  .record({
    units: fc.integer({ min: 3, max: 40 }),
    places: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
    when: fc.nat(),
  })
  .chain(({ units, places, when }) =>
    fc.record({
      borders: fc.constant(
        [...new Set([0, ...places.map((at) => 1 + (at % (units - 1))), units])].toSorted((x, y) => x - y),
      ),
      when: fc.constant(when),
      from: fc.integer({ min: 0, max: units - 1 }),
      length: fc.integer({ min: 1, max: units - 1 }),
    }),
  );

test('a piece that partly overlaps what is here loses the datagram, one that lies in it does no harm', () => {
  const { b, got, bob } = pair();
  let id = 0;
  fc.assert(
    fc.property(cuts, ({ borders, when, from, length }) => {
      id = (id + 1) & 0xffff;
      const units = borders.at(-1)!;
      const payload = pattern(units * 8);
      const to = Math.min(units, from + length);
      const pieces = borders.slice(1).map((end, i) => [borders[i], end]);
      const first = 1 + (when % (pieces.length - 1));
      const known = pieces[first - 1][1];
      fc.pre(from < known); // else it is a piece of another cut, and the rest overlaps it
      const send = ([start, end]: number[]): void => b.receive(fragment(id, payload, start * 8, end * 8, end < units));
      pieces.slice(0, first).forEach(send);
      send([from, to]);
      pieces.slice(first).forEach(send);
      const whole = got.splice(0).map((each) => each.payload);
      expect(whole).toEqual(to > known ? [] : [payload]);
      bob.net.frags.clear();
    }),
    { numRuns: 400 },
  );
});

test('whatever fragments come, what is delivered is a datagram that somebody sent', () => {
  const { b, got, bob } = pair();
  const payload = pattern(400);
  const piece = fc.record({
    offset: fc.integer({ min: 0, max: 45 }),
    units: fc.integer({ min: 1, max: 8 }),
    more: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      for (const { offset, units, more } of pieces) {
        const start = offset * 8;
        b.receive(fragment(1, payload, start, Math.min(400, start + units * 8), more));
      }
      for (const each of got.splice(0)) expect(each.payload).toEqual(payload.subarray(0, each.payload.length));
      bob.net.frags.clear();
      expect(bob.net.frags.mem).toBe(0);
      expect(bob.core.pool.live).toBe(0);
    }),
    { numRuns: 300 },
  );
});
