import {
  allocEtherdev,
  devOpen,
  devQueueXmit,
  NET_XMIT_DROP,
  NET_XMIT_SUCCESS,
  NetCore,
  netdev,
  NETDEV_TX_OK,
  netifStartQueue,
  netifStopQueue,
  netifWakeQueue,
  registerNetdevice,
  replaceQdisc,
  TCQ_F_CAN_BYPASS,
} from '@stack/netdev';
import { bfifo, pfifo, pfifoFast } from '@stack/qdisc';
import { DropReason, Skbs } from '@stack/skb';
import { machine, testHost } from '@stack/testing';
import { expect, test } from 'vitest';

/** A device whose queue is stopped, and what it sends once it wakes: the first byte of each packet. */
function setup(txQueueLen = 1_000) {
  const lab = machine();
  const host = testHost(lab, 'alice', [netdev(), pfifoFast(), pfifo(), bfifo()]);
  const sent: number[] = [];
  const dev = allocEtherdev('eth%d', {
    open: (dev) => (netifStartQueue(dev), 0),
    stop: () => 0,
    startXmit(skb) {
      sent.push(skb.u8(0));
      skb.consume();
      return NETDEV_TX_OK;
    },
  });
  dev.txQueueLen = txQueueLen;
  registerNetdevice(host.get(NetCore), dev);
  devOpen(dev);
  netifStopQueue(dev);
  const pool = host.get(Skbs);
  const send = (mark: number, priority = 0, bytes = 60): number => {
    const skb = pool.alloc(bytes)!;
    skb.put(bytes);
    skb.setU8(0, mark);
    skb.dev = dev;
    skb.priority = priority;
    return devQueueXmit(skb);
  };
  const flow = (): number[] => {
    netifWakeQueue(dev);
    lab.clock.drain();
    return sent;
  };
  return { dev, pool, send, flow, sent, qdisc: () => dev.queues[0].qdisc! };
}

/** A packet that passes the queue by while it is empty is the first one to leave: let it be one of no interest. */
const FIRST = 0;

test('pfifo_fast is what a device gets', () => {
  const { qdisc, flow, send, sent } = setup();
  expect(qdisc().kind).toBe('pfifo_fast');
  expect(qdisc().flags & TCQ_F_CAN_BYPASS).not.toBe(0);
  flow();
  send(1);
  expect(sent).toEqual([1]);
  expect(qdisc()).toMatchObject({ packets: 1, bytes: 60 });
});

test('interactive before best effort before bulk, and in order within a band', () => {
  const { send, flow } = setup();
  send(FIRST);
  const [besteffort, bulk, interactive, filler] = [0, 2, 6, 1];
  send(1, bulk);
  send(2, besteffort);
  send(3, interactive);
  send(4, filler);
  send(5, besteffort);
  send(6, interactive);
  expect(flow()).toEqual([FIRST, 3, 6, 2, 5, 1, 4]);
});

test('the band of every priority is that of Linux', () => {
  const bands = Array.from({ length: 16 }, (_, priority) => {
    const { send, flow } = setup();
    send(FIRST);
    send(100, 2);
    send(101, 0);
    send(102, 6);
    send(priority, priority);
    // Behind the first of its own band.
    return [102, 101, 100].indexOf(flow()[flow().indexOf(priority, 1) - 1]);
  });
  expect(bands).toEqual([1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
});

test('each band has the length of the queue', () => {
  const { send, flow, pool, qdisc } = setup(2);
  send(FIRST);
  expect([1, 2, 3].map((mark) => send(mark))).toEqual([NET_XMIT_SUCCESS, NET_XMIT_SUCCESS, NET_XMIT_DROP]);
  expect([4, 5, 6].map((mark) => send(mark, 6))).toEqual([NET_XMIT_SUCCESS, NET_XMIT_SUCCESS, NET_XMIT_DROP]);
  expect(qdisc()).toMatchObject({ qlen: 5, backlog: 300, drops: 2, overlimits: 2 });
  expect(qdisc().peek()!.u8(0)).toBe(4);
  expect(pool.drops[DropReason.QDISC_OVERLIMIT]).toBe(2);
  expect(flow()).toEqual([FIRST, 4, 5, 1, 2]);
  expect(qdisc()).toMatchObject({ qlen: 0, backlog: 0, packets: 5, bytes: 300 });
});

test('pfifo takes so many packets and says so', () => {
  const { dev, send, flow, qdisc } = setup();
  replaceQdisc(dev, 'pfifo', { limit: 2 });
  send(FIRST);
  expect([1, 2, 3].map((mark) => send(mark, mark))).toEqual([NET_XMIT_SUCCESS, NET_XMIT_DROP, NET_XMIT_DROP]);
  expect(qdisc().dump!()).toEqual({ limit: '2p' });
  expect(flow()).toEqual([FIRST, 1]);
});

test('a pfifo that may hold nothing drops everything', () => {
  const { dev, send, flow } = setup();
  flow();
  replaceQdisc(dev, 'pfifo', { limit: 0 });
  expect([1, 2].map((mark) => send(mark))).toEqual([NET_XMIT_DROP, NET_XMIT_DROP]);
  expect(flow()).toEqual([]);
});

test('bfifo takes so many bytes', () => {
  const { dev, send, flow, qdisc } = setup();
  replaceQdisc(dev, 'bfifo', { limit: 250 });
  send(FIRST, 0, 100);
  expect([send(1, 0, 100), send(2, 0, 100), send(3, 0, 50)]).toEqual([
    NET_XMIT_SUCCESS,
    NET_XMIT_DROP,
    NET_XMIT_SUCCESS,
  ]);
  expect(qdisc().backlog).toBe(250);
  expect(flow()).toEqual([FIRST, 1, 3]);
});

test('a smaller limit throws out what is over it; a wrong one is refused', () => {
  const { dev, send, flow, qdisc, pool } = setup();
  replaceQdisc(dev, 'pfifo', { limit: 10 });
  send(FIRST);
  for (let mark = 1; mark <= 5; mark++) send(mark);
  qdisc().change!({ limit: 3 });
  expect(pool.drops[DropReason.QDISC_OVERLIMIT]).toBe(3);
  expect(() => qdisc().change!({ limit: -1 })).toThrow(expect.objectContaining({ code: 'ERR_STACK_QDISC_OPTION' }));
  expect(() => replaceQdisc(dev, 'pfifo', { limit: 1.5 })).toThrow(
    expect.objectContaining({ code: 'ERR_STACK_QDISC_OPTION' }),
  );
  expect(flow()).toEqual([FIRST, 4, 5]);
});

test('replacing a discipline drops what waits in the old one', () => {
  const { dev, send, flow, pool } = setup();
  for (let mark = 0; mark < 4; mark++) send(mark);
  replaceQdisc(dev, 'pfifo');
  expect(pool.drops[DropReason.QUEUE_PURGE]).toBe(4);
  expect(flow()).toEqual([]);
});
