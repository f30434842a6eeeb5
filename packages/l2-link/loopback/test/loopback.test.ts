import { loopback } from '@stack/loopback';
import { devQueueXmit, IFF_LOOPBACK, IFF_UP, NetCore, netdev, NET_XMIT_SUCCESS, PacketTypes } from '@stack/netdev';
import { CHECKSUM_PARTIAL, eth, PACKET_HOST, Skbs, type SkBuff } from '@stack/skb';
import { NET_RX_SOFTIRQ, Smp } from '@stack/softirq';
import { machine, testHost } from '@stack/testing';
import { expect, test } from 'vitest';

function setup() {
  const host = testHost(machine({ timers: true }), 'alice', [netdev(), loopback()]);
  const lo = host.get(NetCore).devices.get('lo')!;
  const received: SkBuff[] = [];
  host.get(PacketTypes).add({ name: 'ip', type: eth.TYPE_IPV4, dev: null, func: (skb) => (received.push(skb), 0) });
  const pool = host.get(Skbs);
  const packet = (payload: string): SkBuff => {
    const skb = pool.alloc(128)!;
    skb.reserve(32);
    const at = skb.put(payload.length);
    for (let i = 0; i < payload.length; i++) skb.arena.u8[at + i] = payload.charCodeAt(i);
    lo.headerOps!.create(skb, lo, eth.TYPE_IPV4, null, null);
    skb.dev = lo;
    skb.protocol = eth.TYPE_IPV4;
    return skb;
  };
  return { host, lo, received, packet, cpu: host.get(Smp).boot };
}

test('lo is there, up, and large', () => {
  const { lo } = setup();
  expect(lo).toMatchObject({ ifindex: 1, mtu: 65_536, isUp: true, running: true });
  expect(lo.flags).toBe(IFF_LOOPBACK | IFF_UP);
  expect(lo.queues[0].qdisc!.kind).toBe('noqueue');
});

test('what is sent is received, by the softirq, and its sender has its budget back before', () => {
  const { lo, received, packet, cpu } = setup();
  const skb = packet('hello');
  let orphaned = false;
  skb.destructor = () => void (orphaned = true);
  cpu.localBhDisable();
  expect(devQueueXmit(skb)).toBe(NET_XMIT_SUCCESS);
  expect(orphaned).toBe(true);
  expect(received).toEqual([]);
  cpu.localBhEnable();
  expect(cpu.served[NET_RX_SOFTIRQ]).toBe(1);
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ len: 5, pktType: PACKET_HOST, protocol: eth.TYPE_IPV4, sk: null });
  expect(String.fromCharCode(...[0, 1, 2, 3, 4].map((at) => received[0].u8(at)))).toBe('hello');
  expect(lo.stats).toMatchObject({ txPackets: 1, txBytes: 19, rxPackets: 1, rxBytes: 19 });
  received[0].consume();
});

test('packets are neither cut nor summed', () => {
  const { received, packet } = setup();
  const skb = packet('x'.repeat(90));
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.data + 14;
  skb.shinfo.gsoSize = 10;
  skb.shinfo.gsoSegs = 9;
  skb.shinfo.gsoType = 1;
  devQueueXmit(skb);
  expect(received[0]).toMatchObject({ len: 90, ipSummed: CHECKSUM_PARTIAL, isGso: true });
  received[0].consume();
});

test('a full backlog counts', () => {
  const { host, lo, received, packet, cpu } = setup();
  host.get(NetCore).sysctl.netdevMaxBacklog = 0;
  cpu.localBhDisable();
  devQueueXmit(packet('a'));
  devQueueXmit(packet('b'));
  cpu.localBhEnable();
  expect(received).toHaveLength(1);
  expect(lo.stats).toMatchObject({ txPackets: 2, rxPackets: 1, rxDropped: 1 });
  received[0].consume();
});

test('closing the host takes lo away', () => {
  const { host } = setup();
  const core = host.get(NetCore);
  host.close();
  expect(core.devices.size).toBe(0);
});
