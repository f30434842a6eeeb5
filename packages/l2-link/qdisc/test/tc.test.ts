import { devQueueXmit, netifReceiveSkb, PacketTypes, TC_ACT_STOLEN, type NetDevice } from '@stack/netdev';
import {
  describeQdisc,
  drop,
  flower,
  formatHandle,
  mirred,
  parseHandle,
  pass,
  police,
  skbedit,
  tc,
  u32,
} from '@stack/qdisc';
import { DropReason, eth } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { makePacket, rig, type Packet, type Rig } from './rig.ts';

describe('handles', () => {
  test.each([['1:', 0x10000], ['1:10', 0x10010], ['ffff:', 0xffff0000], [':1', 1], [0x20003, 0x20003]])('%s', (text, handle) => {
    expect(parseHandle(text)).toBe(handle);
  }); // prettier-ignore
  test.each(['1', '1:g', '12345:1', '', -1, 1.5])('%j is none', (text) => {
    expect(() => parseHandle(text)).toThrow(expect.objectContaining({ code: 'ERR_STACK_QDISC_HANDLE' }));
  });
  test('back to text', () => expect([0x10000, 0x10010, 0xffff0000].map(formatHandle)).toEqual(['1:', '1:10', 'ffff:']));
});

describe('disciplines', () => {
  test('replace changes one of the same kind and handle, and puts another in its place otherwise', () => {
    const at = rig();
    const first = at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'pfifo', limit: 7 });
    expect(at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'pfifo', limit: 8 })).toBe(first);
    expect(first.dump!()).toEqual({ limit: '8p' });
    const second = at.tc.qdisc.replace({ root: true, handle: '2:', kind: 'pfifo', limit: 9 });
    expect(second).not.toBe(first);
    expect(at.root()).toBe(second);
  });

  test('add refuses where somebody put one; delete brings the default back', () => {
    const at = rig();
    expect(at.root()).toMatchObject({ kind: 'pfifo_fast', handle: 0 });
    at.tc.qdisc.add({ root: true, kind: 'codel' });
    expect(at.root()).toMatchObject({ kind: 'codel', handle: 0x80010000 });
    expect(() => at.tc.qdisc.add({ root: true, kind: 'fq' })).toThrow('has codel 8001: there');
    at.tc.qdisc.delete({ root: true });
    expect(at.root()).toMatchObject({ kind: 'pfifo_fast', handle: 0 });
    expect(() => at.tc.qdisc.delete({ root: true })).toThrow('default');
  });

  test('what does not exist is named', () => {
    const at = rig();
    expect(() => at.tc.qdisc.add({ root: true, kind: 'hfsc' })).toThrow('there is no qdisc hfsc');
    expect(() => at.tc.qdisc.add({ kind: 'fq' })).toThrow('has no place');
    expect(() => at.tc.qdisc.add({ parent: '7:1', kind: 'fq' })).toThrow('no qdisc 7:');
    expect(() => at.tc.qdisc.add({ root: true, handle: '1:1', kind: 'fq' })).toThrow('names no qdisc');
    expect(() => at.tc.qdisc.change({ root: true, kind: 'fq' })).toThrow('of the kind fq');
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
    expect(() => at.tc.qdisc.add({ parent: '1:9', kind: 'fq' })).toThrow('class 1:9');
    expect(() => at.tc.class.add({ classid: '1:9' })).toThrow('cannot be given classes');
  });

  test('a tree shows as tc shows it', () => {
    const at = rig();
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'htb', default: 0x10 });
    at.tc.class.add({ parent: '1:', classid: '1:10', rate: '10mbit', ceil: '20mbit' });
    at.tc.qdisc.add({ parent: '1:10', handle: '10:', kind: 'pfifo', limit: 5 });
    at.send({ bytes: 1000 });
    expect(at.tc.show().split('\n')).toEqual([
      'qdisc htb 1: root r2q 10 default 0x10 direct_packets_stat 0 ver 3.17 direct_qlen 1000',
      ' Sent 1000 bytes 1 pkt (dropped 0, overlimits 0 requeues 0)',
      ' backlog 0b 0p requeues 0',
      'qdisc pfifo 10: parent 1:10 limit 5p',
      ' Sent 1000 bytes 1 pkt (dropped 0, overlimits 0 requeues 0)',
      ' backlog 0b 0p requeues 0',
    ]);
    expect(at.tc.class.show().split('\n')).toEqual([
      'class htb 1:10 root leaf 10: prio 0 quantum 125000 rate 10Mbit ceil 20Mbit linklayer ethernet ' +
        'burst 1600b/1 mpu 0b cburst 1600b/1 mpu 0b level 0',
      ' Sent 1000 bytes 1 pkt (dropped 0, overlimits 0 requeues 0)',
      ' backlog 0b 0p requeues 0',
      ' lended: 1 borrowed: 0 giants: 0',
      ' tokens: 7500 ctokens: 3750',
    ]);
    expect(describeQdisc(at.root())).toBe(at.tc.show().split('\n').slice(0, 3).join('\n'));
  });

  test('replacing the root ends the whole tree', () => {
    const at = rig();
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
    at.tc.qdisc.add({ parent: '1:2', kind: 'tbf', rate: '1kbit', burst: '1k', limit: '20k' });
    for (let i = 0; i < 12; i++) at.send({});
    at.tc.qdisc.replace({ root: true, kind: 'pfifo' });
    expect(at.pool.drops[DropReason.QUEUE_PURGE]).toBe(2);
    expect(at.clock.timers.size).toBe(0);
  });
});

describe('several queues', () => {
  test('mq has a class for each, and each its discipline', () => {
    const at = rig({ txQueues: 3 });
    expect(() => at.tc.qdisc.replace({ root: true, kind: 'tbf' })).toThrow('put mq there');
    const mq = at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'mq' });
    expect([...mq.classes!.all].map(({ classid, qdisc }) => [formatHandle(classid), qdisc!.kind])).toEqual([
      ['1:1', 'pfifo_fast'],
      ['1:2', 'pfifo_fast'],
      ['1:3', 'pfifo_fast'],
    ]);
    at.tc.qdisc.replace({ parent: '1:2', handle: '12:', kind: 'pfifo', limit: 2 });
    expect(at.dev.queues.map(({ qdisc }) => qdisc!.kind)).toEqual(['pfifo_fast', 'pfifo', 'pfifo_fast']);
    for (let flow = 1; flow <= 30; flow++) at.send({ flow });
    expect(new Set(at.sent.map(({ queue }) => queue))).toEqual(new Set([0, 1, 2]));
    expect(at.tc.show()).toContain('qdisc pfifo 12: parent 1:2 limit 2p');
    at.tc.qdisc.delete({ parent: '1:2' });
    expect(at.dev.queues[1].qdisc!.kind).toBe('pfifo_fast');
    at.tc.qdisc.delete({ root: true });
    expect(at.root()).toMatchObject({ kind: 'pfifo_fast', parentQdisc: null });
  });

  test('a timer below mq runs the discipline of its queue', () => {
    const at = rig({ txQueues: 2 });
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'mq' });
    for (const parent of ['1:1', '1:2']) at.tc.qdisc.replace({ parent, kind: 'netem', delay: '3ms' });
    for (let flow = 1; flow <= 20; flow++) at.send({ flow });
    expect(at.sent).toHaveLength(0);
    at.clock.runFor(5e6);
    expect(at.sent).toHaveLength(20);
  });
});

describe('filters', () => {
  const matches = (match: ReturnType<typeof flower>, packet: Packet, change?: (at: Rig) => object): boolean => {
    const at = rig();
    const skb = Object.assign(at.make(packet), change?.(at));
    const found = match(skb);
    skb.consume();
    return found;
  };

  test.each([
    [{ proto: 'udp' }, true],
    [{ proto: 'tcp' }, false],
    [{ proto: 17 }, true],
    [{ srcIp: '10.0.0.1' }, true],
    [{ srcIp: '10.0.0.0/24', dstIp: '10.0.0.2/32' }, true],
    [{ srcIp: '10.0.1.0/24' }, false],
    [{ dstIp: '0.0.0.0/0' }, true],
    [{ srcPort: 7, dstPort: 80 }, true],
    [{ dstPort: 81 }, false],
    [{ dstPort: [70, 90] }, true],
    [{ dscp: 46 }, true],
    [{ dscp: 0 }, false],
    [{ ethType: 0x0800 }, true],
    [{ ethType: 0x0806 }, false],
    [{ mark: 5 }, true],
    [{ vlanId: 5 }, false],
  ] as const)('flower %j: %s', (keys, expected) => {
    expect(matches(flower(keys), { flow: 7, tos: 46 << 2 }, () => ({ mark: 5 }))).toBe(expected);
  });

  test('ports of a fragment are not ports', () => {
    const at = rig();
    const skb = at.make({ flow: 7 });
    skb.arena.view.setUint16(skb.networkHeader + 6, 100);
    expect(flower({ srcPort: 7 })(skb)).toBe(false);
    expect(flower({ proto: 'udp' })(skb)).toBe(true);
    skb.consume();
  });

  test('u32 compares words at their places', () => {
    expect(matches(u32({ at: 12, value: 0x0a000001 }), {})).toBe(true);
    expect(matches(u32({ at: 12, value: 0x0a000000, mask: 0xffffff00 }), {})).toBe(true);
    expect(matches(u32({ at: 9, size: 1, value: 17 }, { at: 22, size: 2, value: 80 }), {})).toBe(true);
    expect(matches(u32({ at: 9, size: 1, value: 6 }), {})).toBe(false);
    expect(matches(u32({ at: 400, value: 0 }), {})).toBe(false);
  });

  test('wrong ones are refused', () => {
    expect(() => flower({})).toThrow('no keys');
    expect(() => flower({ srcIp: '10.0.0' })).toThrow('no IPv4 prefix');
    expect(() => u32({ at: 1, size: 2, value: 1 })).toThrow('lie at 1');
    const at = rig();
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'pfifo' });
    expect(() => at.tc.filter.add({ parent: '1:' })).toThrow('pfifo takes no filters');
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
    expect(() => at.tc.filter.add({ parent: '1:', prio: 70_000 })).toThrow('priority');
  });

  test('actions drop, change and go on; a filter goes away again', () => {
    const at = rig();
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'fq_codel' });
    const undo = at.tc.filter.add({
      parent: '1:',
      match: flower({ srcPort: 1 }),
      actions: [skbedit({ mark: 3 }), drop],
    });
    expect(at.send({ mark: 1, flow: 1 })).toBe(0);
    at.send({ mark: 2, flow: 2 });
    expect(at.marks()).toEqual([2]);
    expect(at.root()).toMatchObject({ drops: 1 });
    undo();
    at.send({ mark: 3, flow: 1 });
    expect(at.marks()).toEqual([2, 3]);
  });
});

describe('ingress', () => {
  /** Receives a packet; true when it came up. */
  function receive(at: Rig, dev: NetDevice, packet: Packet): boolean {
    let came = false;
    const undo = at.host.get(PacketTypes).add({
      name: 'test', type: eth.TYPE_IPV4, dev: null, func: (skb) => ((came = true), skb.consume(), 0),
    }); // prettier-ignore
    const skb = makePacket(at.pool, dev, packet);
    skb.pull(14);
    netifReceiveSkb(skb);
    at.clock.drain();
    undo();
    return came;
  }

  test('drops, lets pass, and counts', () => {
    const at = rig();
    at.tc.qdisc.add({ kind: 'ingress' });
    at.tc.filter.add({ parent: 'ffff:', prio: 1, match: flower({ srcPort: 1 }), actions: [drop] });
    at.tc.filter.add({ parent: 'ffff:', prio: 2, match: flower({ srcIp: '10.0.0.1' }), actions: [pass] });
    at.tc.filter.add({ parent: 'ffff:', prio: 3, actions: [drop] });
    expect([1, 2].map((flow) => receive(at, at.dev, { flow }))).toEqual([false, true]);
    expect(receive(at, at.dev, { flow: 2, source: '10.0.0.9' })).toBe(false);
    expect(at.pool.drops[DropReason.TC_INGRESS]).toBe(2);
    expect(at.tc.show()).toContain('qdisc ingress ffff: ingress\n Sent 300 bytes 3 pkt (dropped 2');
    expect(() => at.tc.qdisc.add({ kind: 'ingress' })).toThrow('ingress ffff: there');
    at.tc.qdisc.delete({ kind: 'ingress' });
    expect(receive(at, at.dev, { flow: 1 })).toBe(true);
  });

  test('redirects to a device, and copies', () => {
    const [at, other] = [rig(), rig()];
    at.tc.qdisc.add({ kind: 'ingress' });
    at.tc.filter.add({ parent: 'ffff:', match: flower({ srcPort: 1 }), actions: [mirred({ redirect: at.dev })] });
    at.tc.filter.add({ parent: 'ffff:', match: flower({ srcPort: 2 }), actions: [mirred({ mirror: at.dev })] });
    expect(receive(at, at.dev, { flow: 1, mark: 11 })).toBe(false);
    expect(receive(at, at.dev, { flow: 2, mark: 12 })).toBe(true);
    expect(at.sent.map(({ mark, bytes }) => [mark, bytes])).toEqual([[11, 100], [12, 100]]); // prettier-ignore
    expect(other.sent).toEqual([]);
  });

  test('polices: the burst, then the rate, for all filters that share a policer', () => {
    const at = rig();
    const shared = police({ rate: '8kbit', burst: 300 }); // 1000 bytes a second
    at.tc.qdisc.add({ kind: 'ingress' });
    at.tc.filter.add({ parent: 'ffff:', prio: 1, match: flower({ srcPort: 1 }), actions: [shared] });
    at.tc.filter.add({ parent: 'ffff:', prio: 2, actions: [shared] });
    const passes = (flow: number): boolean => receive(at, at.dev, { flow });
    // What comes up is 86 bytes without the link-layer header.
    expect([passes(1), passes(2), passes(1), passes(2)]).toEqual([true, true, true, false]);
    at.clock.runFor(100e6);
    expect([passes(2), passes(1)]).toEqual([true, false]);
    at.clock.runFor(10e9); // no more than the burst is saved up
    expect([1, 1, 1, 1].map(passes)).toEqual([true, true, true, false]);
    expect(shared.statistics).toEqual({ packets: 10, bytes: 860, overlimits: 3 });
    expect(at.pool.drops[DropReason.TC_INGRESS]).toBe(3);
  });

  test('a peak rate spreads the burst, and what is longer than the mtu exceeds it', () => {
    const at = rig();
    at.tc.qdisc.add({ kind: 'ingress' });
    const policer = police({ rate: '8kbit', burst: 1000, peakrate: '80kbit', mtu: 100 });
    at.tc.filter.add({ parent: 'ffff:', actions: [policer] });
    const passes = (length: number): boolean => receive(at, at.dev, { flow: 1, bytes: length });
    expect([passes(100), passes(100)]).toEqual([true, false]);
    at.clock.runFor(8_600_000); // 86 bytes at the peak
    expect(passes(100)).toBe(true);
    at.clock.runFor(10e9);
    expect([passes(200), passes(100)]).toEqual([false, true]);
    expect(() => police({ rate: '1mbit', burst: '10k', peakrate: '2mbit' })).toThrow('a peakrate without mtu');
  });

  test('what exceeds may go on to the next action', () => {
    const at = rig();
    at.tc.qdisc.add({ kind: 'ingress' });
    const marks: number[] = [];
    const policer = police({ rate: '8kbit', burst: 100, conform: 'ok', exceed: 'pipe' });
    at.tc.filter.add({ parent: 'ffff:', actions: [policer, skbedit({ mark: 7 }), (skb) => (marks.push(skb.mark), 0)] });
    expect([1, 2].map((flow) => receive(at, at.dev, { flow }))).toEqual([true, true]);
    expect(marks).toEqual([7]);
  });

  test('clsact has filters for what is received and for what is sent', () => {
    const at = rig();
    at.tc.qdisc.add({ kind: 'clsact' });
    at.tc.filter.add({ parent: 'ffff:fff2', match: flower({ srcPort: 1 }), actions: [drop] });
    at.tc.filter.add({ parent: 'ffff:fff3', match: flower({ srcPort: 2 }), actions: [drop] });
    at.tc.filter.add({ parent: 'ffff:fff3', match: flower({ srcPort: 3 }), actions: [pass] });
    expect([1, 2].map((flow) => receive(at, at.dev, { flow }))).toEqual([false, true]);
    const answers = [1, 2, 3].map((flow) => devQueueXmit(at.make({ flow, mark: flow })));
    expect(answers).toEqual([0, 1, 0]); // NET_XMIT_DROP
    at.clock.drain();
    expect(at.sent.map(({ mark }) => mark)).toEqual([1, 3]);
    expect([at.pool.drops[DropReason.TC_INGRESS], at.pool.drops[DropReason.TC_EGRESS]]).toEqual([1, 1]);
    expect(at.tc.show()).toContain('qdisc clsact ffff: clsact');
    expect(at.tc.filter.show().split('\n').slice(0, 6)).toEqual([
      'filter parent ffff:fff2 protocol all pref 49152 flower chain 0 (rule hit 1)',
      '  src_port 1',
      '\taction order 1: gact action drop',
      'filter parent ffff:fff3 protocol all pref 49152 flower chain 0 (rule hit 1)',
      '  src_port 2',
      '\taction order 1: gact action drop',
    ]);
    at.tc.qdisc.delete({ kind: 'clsact' });
    expect(devQueueXmit(at.make({ flow: 2 }))).toBe(0);
    at.clock.drain();
    expect(at.sent).toHaveLength(3);
  });

  test('what a filter of clsact took away counts as sent', () => {
    const at = rig();
    at.tc.qdisc.add({ kind: 'clsact' });
    const stolen = (skb: { consume(): void }): number => (skb.consume(), TC_ACT_STOLEN);
    at.tc.filter.add({ parent: 'ffff:fff3', actions: [stolen] });
    expect(devQueueXmit(at.make({ flow: 2 }))).toBe(0);
    expect(at.sent).toHaveLength(0);
  });

  test('a filter of a class can put packets back in at the front', () => {
    const at = rig();
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'prio' });
    at.tc.filter.add({ parent: '1:', actions: [mirred({ redirect: at.dev, direction: 'ingress' })] });
    const came: number[] = [];
    at.host.get(PacketTypes).add({
      name: 'test', type: eth.TYPE_IPV4, dev: null, func: (skb) => (came.push(skb.u16(4)), skb.consume(), 0),
    }); // prettier-ignore
    expect(devQueueXmit(at.make({ mark: 9 }))).toBe(0);
    at.clock.drain();
    expect([at.sent.length, came]).toEqual([0, [9]]);
    expect(at.root()).toMatchObject({ drops: 0, qlen: 0 });
  });
});

test('an option that a kind does not have is refused, and nothing changes', () => {
  const at = rig();
  expect(() => at.tc.qdisc.replace({ root: true, kind: 'pfifo', limt: 3 })).toThrow('an option limt');
  expect(() => at.tc.qdisc.replace({ root: true, kind: 'drr', quantum: 3 })).toThrow('option quantum');
  expect(at.root().kind).toBe('pfifo_fast');
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'codel', ceThreshold: '1ms' });
  expect(() => at.tc.qdisc.change({ root: true, kind: 'codel', flows: 3 })).toThrow('ceThreshold');
  at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'fq', pacing: false });
  expect(at.tc.show()).toContain(' nopacing ');
});

test('tc knows one device', () => {
  const [one, other] = [rig(), rig()];
  tc(one.dev).qdisc.replace({ root: true, kind: 'codel' });
  expect(tc(other.dev).list().map(({ kind }) => kind)).toEqual(['pfifo_fast']); // prettier-ignore
});
