import { allocEtherdev, netdev, NetCore, registerNetdevice } from '@stack/netdev';
import { DropReason, Skbs, type SkBuff } from '@stack/skb';
import { decodePacket, machine, qdiscContract, testHost, udpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import { roundRobin, roundRobinKind } from '../src/index.ts';

const { kind, create } = roundRobinKind;
qdiscContract({ name: kind, create: (queue) => create(queue, { limit: 100 }), limit: { packets: 100 } });

function setUp(options: object = {}) {
  const host = testHost(machine(), 'alice', [netdev(), roundRobin()]);
  const core = host.get(NetCore);
  const dev = allocEtherdev('eth0', { open: () => 0, stop: () => 0, startXmit: (skb) => (skb.consume(), 0) });
  registerNetdevice(core, dev);
  const qdisc = core.qdiscKinds.create('rr', dev.queues[0]!, options);
  const packet = (source: string, payload: string): SkBuff => {
    const skb = host.get(Skbs).alloc(256)!;
    skb.putData(udpFrame({ source, sourcePort: 1, destinationPort: 2, payload }));
    skb.networkHeader = skb.data + 14;
    skb.protocol = 0x0800;
    return skb;
  };
  const leave = (): string => {
    const skb = qdisc.dequeue()!;
    const { payload } = decodePacket(skb);
    skb.consume();
    return new TextDecoder().decode(payload);
  };
  return { host, qdisc, packet, leave };
}

test('a flow that sends little does not wait for one that sends much', () => {
  const { qdisc, packet, leave } = setUp();
  for (const n of [1, 2, 3, 4]) qdisc.enqueue(packet('10.0.0.1', `much ${n}`));
  qdisc.enqueue(packet('10.0.0.7', 'little'));
  const order = Array.from({ length: 5 }, leave);
  expect(order.indexOf('little')).toBeLessThan(2);
  expect(order.filter((text) => text !== 'little')).toEqual(['much 1', 'much 2', 'much 3', 'much 4']);
});

test('when all is full, the longest flow loses', () => {
  const { host, qdisc, packet } = setUp({ limit: 3 });
  for (const n of [1, 2, 3]) qdisc.enqueue(packet('10.0.0.1', `much ${n}`));
  expect(qdisc.enqueue(packet('10.0.0.7', 'little'))).toBe(2); // NET_XMIT_CN
  expect(qdisc).toMatchObject({ qlen: 3, drops: 1, overlimits: 1 });
  expect(host.get(Skbs).drops[DropReason.QDISC_OVERLIMIT]).toBe(1);
  qdisc.reset();
});

test('options that make no sense are refused', () => {
  expect(() => setUp({ flows: 0 })).toThrow(expect.objectContaining({ code: 'ERR_RR_OPTION' }));
});
