import { flower, mirred, pass, police, skbedit } from '@stack/qdisc';
import { expect, test } from 'vitest';
import { rig } from './rig.ts';

test('filters and actions print as tc prints them', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
  const limit = police({ rate: '1mbit', burst: '10k', mtu: '2k', overhead: 4, conform: 'pipe' });
  const keys = { proto: 'tcp', dstIp: '10.0.0.0/8', dscp: 46, ethType: 0x0800, vlanId: 5 } as const;
  const actions = [limit, skbedit({ priority: 0x10002, mark: 7 }), mirred({ redirect: at.dev }), pass];
  at.tc.filter.add({ parent: '1:', prio: 3, protocol: 0x0800, match: flower(keys), classid: '1:2', actions });
  at.tc.filter.add({ parent: '1:', prio: 4, protocol: 0x88cc, match: () => false, actions: [() => 0] });
  expect(at.tc.filter.show().split('\n')).toEqual([
    'filter parent 1: protocol ip pref 3 flower chain 0 classid 1:2 (rule hit 0)',
    '  ip_proto tcp',
    '  dst_ip 10.0.0.0/8',
    '  ip_tos 0xb8/fc',
    '  eth_type ipv4',
    '  vlan_id 5',
    '\taction order 1: police rate 1Mbit burst 10Kb mtu 2Kb action drop/pipe overhead 4b',
    '\taction order 2: skbedit priority 1:2 mark 7 pipe',
    '\taction order 3: mirred (Egress Redirect to device eth0) stolen',
    '\taction order 4: gact action pass',
    'filter parent 1: protocol [35020] pref 4 function chain 0 (rule hit 0)',
    '\taction order 1: function',
  ]);
});

/** Copied from a terminal: Linux, and tc of iproute2. */
test('options print as tc -s -d prints them of the kernel', () => {
  const at = rig();
  at.dev.txQueueLen = 100;
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'htb', default: '1:10', r2q: 5, directQlen: 77 });
  const link = { mpu: 64, overhead: 14, linklayer: 'atm' };
  at.tc.class.add({
    parent: '1:',
    classid: '1:1',
    rate: '10mbit',
    ceil: '20mbit',
    burst: '10k',
    cburst: 12_345,
    ...link,
  });
  at.tc.class.add({ parent: '1:1', classid: '1:10', rate: '1mbit', prio: 3, quantum: 3000 });
  at.tc.class.add({ parent: '1:1', classid: '1:20', rate: '1500kbit', ceil: '2.5mbit', prio: 7 });
  at.tc.class.add({ parent: '1:1', classid: '1:30', rate: '20gbit' });
  at.tc.class.add({ parent: '1:1', classid: '1:51', rate: '1mbit', burst: 100, mtu: 9000 });
  const cells = { mtu: 2000, mpu: 64, overhead: 8, linklayer: 'atm' };
  const tbf = { kind: 'tbf', rate: '3mbit', burst: '5k', latency: '10ms', peakrate: '4mbit', ...cells };
  at.tc.qdisc.add({ parent: '1:20', handle: '20:', ...tbf });
  at.tc.qdisc.add({ parent: '1:30', handle: '30:', kind: 'tbf', rate: '3mbit', burst: '5k', latency: '10ms' });
  at.tc.qdisc.add({ parent: '1:51', handle: '51:', kind: 'tbf', rate: '3mbit', burst: '5k', limit: 4000 });
  at.tc.qdisc.add({ parent: '1:10', handle: '10:', kind: 'bfifo' });
  const classes = at.tc.class.show().split('\n');
  expect(classes.filter((line) => line.startsWith('class htb'))).toEqual([
    'class htb 1:1 root rate 10Mbit overhead 14 ceil 20Mbit linklayer atm burst 10Kb/1 mpu 64b cburst 12342b/1 mpu 64b level 7',
    'class htb 1:10 parent 1:1 leaf 10: prio 3 quantum 3000 rate 1Mbit ceil 1Mbit linklayer ethernet burst 1600b/1 mpu 0b cburst 1600b/1 mpu 0b level 0',
    'class htb 1:20 parent 1:1 leaf 20: prio 7 quantum 37500 rate 1500Kbit ceil 2500Kbit linklayer ethernet burst 1599b/1 mpu 0b cburst 1600b/1 mpu 0b level 0',
    'class htb 1:30 parent 1:1 leaf 30: prio 0 quantum 200000 rate 20Gbit ceil 20Gbit linklayer ethernet burst 0b/1 mpu 0b cburst 0b/1 mpu 0b level 0',
    'class htb 1:51 parent 1:1 leaf 51: prio 0 quantum 25000 rate 1Mbit ceil 1Mbit linklayer ethernet burst 100b/1 mpu 0b cburst 9000b/1 mpu 0b level 0',
  ]);
  expect(classes.filter((line) => line.startsWith(' tokens')).slice(0, 4)).toEqual([
    ' tokens: 128000 ctokens: 77156',
    ' tokens: 200000 ctokens: 200000',
    ' tokens: 133328 ctokens: 80000',
    ' tokens: 0 ctokens: 0',
  ]);
  const heads = at.tc.show().split('\n').filter((line) => line.startsWith('qdisc')); // prettier-ignore
  expect(heads).toEqual([
    'qdisc htb 1: root r2q 5 default 0x10 direct_packets_stat 0 ver 3.17 direct_qlen 77',
    'qdisc bfifo 10: parent 1:10 limit 151400b',
    'qdisc tbf 20: parent 1:20 rate 3Mbit burst 5670b/1 mpu 64b peakrate 4Mbit mtu 2225b/1 mpu 64b lat 9.55ms overhead 8 linklayer atm',
    'qdisc tbf 30: parent 1:30 rate 3Mbit burst 5Kb/1 mpu 0b lat 10ms linklayer ethernet',
    'qdisc tbf 51: parent 1:51 rate 3Mbit burst 5Kb/1 mpu 0b limit 4000b linklayer ethernet',
  ]);
});

test('nothing that is asked for is passed over', () => {
  const at = rig();
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'htb' });
  expect(() => at.tc.class.add({ classid: '1:1', rate: '1mbit', slot: 3 })).toThrow('an option slot');
  expect(() => at.tc.qdisc.change({ root: true, kind: 'htb', offload: true })).toThrow('an option offload');
  expect(() => at.tc.filter.add({ parent: '1:', chain: 3 } as never)).toThrow('an option chain');
  expect(() => flower({ dstPort: 5, ipTtl: 3 } as never)).toThrow('an option ipTtl');
  expect(() => police({ rate: '1mbit', burst: '5k', pktRate: 3 } as never)).toThrow('an option pktRate');
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'drr' });
  expect(() => at.tc.class.add({ classid: '1:1', weight: 3 })).toThrow('an option weight');
  for (const options of [{ multiqueue: true }, { bands: 1 }, { bands: 17 }, { priomap: [3] }]) {
    expect(() => at.tc.qdisc.replace({ root: true, kind: 'prio', ...options })).toThrow('prio');
  }
});

test('the others print as the sources of tc have it', () => {
  const at = rig();
  const head = (spec: object): string => {
    at.tc.qdisc.replace({ root: true, handle: '1:', ...spec } as never);
    return at.tc.show().split('\n')[0];
  };
  expect(head({ kind: 'codel', ceThreshold: '1ms', ecn: true })).toBe(
    'qdisc codel 1: root limit 1000p target 5ms ce_threshold 1ms interval 100ms ecn',
  );
  expect(head({ kind: 'fq_codel', ceThreshold: 500_000, ceThresholdSelector: '0x01/0x3' })).toBe(
    'qdisc fq_codel 1: root limit 10240p flows 1024 quantum 1514 target 5ms ce_threshold 500us ' +
      'ce_threshold_selector 0x1/0x3 interval 100ms memory_limit 32Mb ecn drop_batch 64',
  );
  expect(
    head({ kind: 'red', limit: '400k', min: '30k', max: '90k', avpkt: 1000, burst: 55, ecn: true, nodrop: true }),
  ).toBe('qdisc red 1: root limit 400Kb min 30Kb max 90Kb ecn nodrop ewma 5 probability 0.02');
  expect(head({ kind: 'prio', bands: 4, priomap: [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3] })).toBe(
    'qdisc prio 1: root bands 4 priomap 0 1 2 3 0 1 2 3 0 1 2 3 0 1 2 3',
  );
  expect(() => head({ kind: 'red', limit: '400k', nodrop: true, ecn: false })).toThrow('nodrop without ecn');
  for (const ceThresholdSelector of ['1', '1/2/3', '0x100/3', 'a/b']) {
    expect(() => head({ kind: 'fq_codel', ceThresholdSelector })).toThrow('ceThresholdSelector');
  }
});
