import { tc, qdiscs, type QdiscSpec } from '@stack/qdisc';
import type { NetdevQueue, Qdisc } from '@stack/netdev';
import { qdiscContract } from '@stack/testing';

/** Every discipline, with options under which it has to hold all that comes, and what its limit is. */
const CASES: readonly [string, Record<string, unknown>, { packets: number } | { bytes: number } | undefined][] = [
  ['pfifo', { limit: 100 }, { packets: 100 }],
  ['bfifo', { limit: 100_000 }, { bytes: 100_000 }],
  ['pfifo_head_drop', { limit: 100 }, { packets: 100 }],
  ['pfifo_fast', {}, { packets: 3000 }],
  ['prio', {}, { packets: 3000 }],
  ['tbf', { rate: '100mbit', burst: '5kb', limit: 100_000 }, { bytes: 100_000 }],
  ['red', { limit: 400_000, min: 100_000, max: 200_000, avpkt: 1000, burst: 150 }, { bytes: 400_000 }],
  ['codel', { limit: 100 }, { packets: 100 }],
  ['fq_codel', { limit: 100 }, { packets: 100 }],
  ['fq', { limit: 100, flowLimit: 80 }, { packets: 400 }],
  ['netem', { limit: 100, delay: '2ms', jitter: '1ms' }, { packets: 100 }],
  ['cake', { bandwidth: '100mbit' }, undefined],
];

for (const [name, options, limit] of CASES) {
  const create = (queue: NetdevQueue): Qdisc => queue.dev.core.qdiscKinds.create(name, queue, options);
  qdiscContract({ name, create, needs: [qdiscs()], ...(limit !== undefined && { limit }) });
}

/** With classes, half of the flows in each. */
function withClasses(spec: QdiscSpec, classes: Record<string, unknown>) {
  return (queue: NetdevQueue): Qdisc => {
    const { dev } = queue;
    const qdisc = tc(dev).qdisc.replace({ root: true, handle: '1:', ...spec });
    for (const classid of ['1:10', '1:20']) tc(dev).class.add({ classid, ...classes });
    for (const odd of [0, 1]) {
      const match = (skb: { priority: number }): boolean => skb.priority % 2 === odd;
      tc(dev).filter.add({ parent: '1:', match, classid: odd === 0 ? '1:10' : '1:20' });
    }
    return qdisc;
  };
}

qdiscContract({
  name: 'drr',
  create: withClasses({ kind: 'drr' }, { quantum: 1514 }),
  needs: [qdiscs()],
  limit: { packets: 2000 },
});
qdiscContract({
  name: 'htb',
  create: withClasses({ kind: 'htb' }, { rate: '50mbit', ceil: '100mbit', burst: '5kb', cburst: '5kb' }),
  needs: [qdiscs()],
  limit: { packets: 2000 },
});
