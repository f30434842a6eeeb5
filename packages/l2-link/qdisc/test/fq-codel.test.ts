import { expect, test, describe } from 'vitest';
import { MSEC, rig, type Rig } from './rig.ts';

describe('fq_codel, RFC 8290', () => {
  /** Frees packets and tells of their flows. */
  function take(at: Rig, count: number): number[] {
    return Array.from({ length: count }, () => {
      const skb = at.root().dequeue()!;
      const flow = skb.u16(34);
      skb.consume();
      return flow;
    });
  }

  function fqCodel(at: Rig, options: object = {}): void {
    at.tc.qdisc.replace({ root: true, handle: '1:', kind: 'fq_codel', ...options });
    at.stop();
  }

  const put = (at: Rig, flow: number, bytes = 1000, tos = 0): number =>
    at.root().enqueue(at.make({ flow, bytes, tos }));

  test('4.1.1: flows take turns by bytes', () => {
    const at = rig();
    fqCodel(at);
    for (let i = 0; i < 60; i++) put(at, 1, 1514);
    for (let i = 0; i < 400; i++) put(at, 2, 214);
    const flows = take(at, 240);
    const bytes = [1, 2].map((flow) => flows.filter((one) => one === flow).length * (flow === 1 ? 1514 : 214));
    expect(Math.abs(bytes[0] - bytes[1])).toBeLessThan(2 * 1514);
    expect(bytes[0]).toBeGreaterThan(20 * 1514);
    at.root().reset();
  });

  test('4.2: a new flow goes before the others, and is an old one when it ran empty', () => {
    const at = rig();
    fqCodel(at);
    for (let i = 0; i < 20; i++) for (const flow of [1, 2]) put(at, flow, 500);
    take(at, 10);
    put(at, 3, 100);
    expect(take(at, 1)).toEqual([3]);
    // It ran empty: now it waits for its turn like the others.
    expect(take(at, 1)).not.toEqual([3]);
    put(at, 3, 100);
    expect(take(at, 1)).not.toEqual([3]);
    expect(take(at, 6)).toContain(3);
    at.root().reset();
  });

  test('4.1.3: when it is full the longest flow loses half of its bytes', () => {
    const at = rig();
    fqCodel(at, { limit: 100, dropBatch: 64 });
    for (let i = 0; i < 90; i++) put(at, 1);
    for (let i = 0; i < 10; i++) put(at, 2);
    expect(put(at, 2)).toBe(0);
    expect(at.root()).toMatchObject({ qlen: 101 - 45, drops: 45, backlog: 56_000 });
    expect(at.root().xstats!()).toMatchObject({ drop_overlimit: 45, new_flow_count: 2 });
    expect(at.root().xstats!()).not.toHaveProperty('drop_overmemory');
    expect(take(at, 56).filter((flow) => flow === 2)).toHaveLength(11);
  });

  test('the sender of the longest flow is told', () => {
    const at = rig();
    fqCodel(at, { limit: 10, dropBatch: 1 });
    for (let i = 0; i < 10; i++) put(at, 1);
    expect(put(at, 1)).toBe(2);
    expect(at.root()).toMatchObject({ qlen: 10, drops: 1 });
    at.root().reset();
  });

  test('memory is limited too', () => {
    const at = rig();
    const each = at.make({ bytes: 1000 });
    const { truesize } = each;
    each.consume();
    fqCodel(at, { memoryLimit: 20 * truesize });
    for (let i = 0; i < 21; i++) put(at, 1);
    expect(at.root().xstats!()).toMatchObject({ drop_overmemory: 11, memory_used: 10 * truesize });
    at.root().reset();
  });

  test('4.2: each flow has a CoDel of its own, with marks', () => {
    const at = rig();
    fqCodel(at);
    for (let i = 0; i < 3000; i++) put(at, 1, 1000, 2);
    for (let i = 0; i < 1000; i++) {
      put(at, 2, 100);
      at.root().dequeue()!.consume();
      at.root().dequeue()!.consume();
      at.clock.runFor(500_000);
    }
    const { drops } = at.root();
    expect(drops).toBe(0);
    expect(at.root().xstats!().ecn_mark).toBeGreaterThan(5);
    at.root().reset();
  });

  test('filters name the flow; the number of flows is fixed', () => {
    const at = rig();
    fqCodel(at, { flows: 8 });
    at.tc.filter.add({ parent: '1:', classid: '1:3' });
    for (const flow of [1, 2, 3]) put(at, flow);
    expect(at.root().xstats!()).toMatchObject({ new_flow_count: 1 });
    expect(take(at, 3)).toEqual([1, 2, 3]);
    expect(() => at.tc.qdisc.change({ root: true, kind: 'fq_codel', flows: 9 })).toThrow('number of flows');
  });

  test('4.1.3: and no more than 64 packets at once, unless told otherwise', () => {
    for (const [options, dropped] of [
      [{}, 64],
      [{ dropBatch: 10 }, 10],
      [{ dropBatch: 1000 }, 150],
    ] as const) {
      const at = rig();
      fqCodel(at, { limit: 300, ...options });
      for (let i = 0; i < 301; i++) put(at, i < 299 ? 1 : 2);
      expect(at.root()).toMatchObject({ qlen: 301 - dropped, drops: dropped });
      at.root().reset();
    }
  });

  test('4.2: a flow sends its quantum of bytes, and what it overdrew is missing in its next turn', () => {
    const at = rig();
    fqCodel(at, { quantum: 1000 });
    for (let i = 0; i < 8; i++) for (const flow of [1, 2]) put(at, flow, 600);
    // 600 leave 400, 1200 leave -200: in the next turn there are 800, in the one after it 600, and 1000 again.
    const runs = take(at, 16).join('').match(/(.)\1*/g)!.map((run) => run.length); // prettier-ignore
    expect(runs).toEqual([2, 2, 2, 2, 1, 1, 2, 2, 1, 1]);
  });

  test('4.2: a sparse flow, with less than a quantum a round, always goes first', () => {
    const at = rig();
    fqCodel(at);
    for (let i = 0; i < 400; i++) for (const flow of [1, 2, 3]) put(at, flow, 1514);
    take(at, 6);
    const places: number[] = [];
    for (let i = 0; i < 100; i++) {
      put(at, 9, 100);
      const flows = take(at, 8);
      places.push(flows.indexOf(9));
      at.clock.runFor(10_000);
    }
    expect(places).toEqual(new Array(100).fill(0));
    expect(at.root().xstats!()).toMatchObject({ new_flow_count: 103, new_flows_len: 0 });
    at.root().reset();
  });

  test('5.2: the threshold of marks is for those whose field the selector names', () => {
    const at = rig();
    fqCodel(at, { ceThreshold: '1ms', ceThresholdSelector: '0x01/0x03' });
    for (const [flow, tos] of [[1, 1], [2, 2], [3, 0x2d]] as const) put(at, flow, 100, tos); // prettier-ignore
    at.clock.runFor(2 * MSEC);
    const fields = [1, 2, 3].map(() => {
      const skb = at.root().dequeue()!;
      const field = skb.u8(15);
      skb.consume();
      return field;
    });
    expect(fields).toEqual([3, 2, 0x2f]);
    expect(at.root().xstats!()).toMatchObject({ ce_mark: 2 });
  });
});
