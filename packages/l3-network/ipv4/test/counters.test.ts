import { Mib, mibIndex, ProcNet } from '@stack/ipv4';
import { machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { Station } from './network.ts';

test('a counter is found by its name and by its index', () => {
  const mib = new Mib(['A', 'B'] as const);
  const index = mibIndex(['A', 'B'] as const);
  mib.counts[index.B] += 2;
  expect([mib.get('A'), mib.get('B')]).toEqual([0, 2]);
  expect(mib.nonZero()).toEqual({ B: 2 });
});

test('protocols show their counters in one place, as long as they are there', () => {
  const proc = new ProcNet();
  const undo = proc.add(new Mib(['A']));
  const mib = new Mib(['B']);
  proc.add(mib);
  mib.counts[0] = 3;
  expect(proc.counters()).toEqual({ A: 0, B: 3 });
  undo();
  undo();
  expect(proc.counters()).toEqual({ B: 3 });
  expect(proc.nonZero()).toEqual({ B: 3 });
});

test('a host shows those of IPv4 and ICMP with the names of nstat', () => {
  const alice = new Station(machine(), 'alice');
  expect(alice.net.proc.counters()).toMatchObject({ IpInReceives: 0, IpExtInOctets: 0, IcmpInEchos: 0 });
});
