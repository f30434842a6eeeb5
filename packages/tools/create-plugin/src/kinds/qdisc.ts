import type { Kind } from './kind.ts';

export const qdisc: Kind = {
  kind: 'qdisc',
  title: 'a queueing discipline: which packet leaves next',
  needs: ['netdev', 'plugin', 'skb'],
  testNeeds: [],
  source: `import { NET_XMIT_DROP, NET_XMIT_SUCCESS, Qdisc, QdiscKinds } from '@stack/netdev';
/*type*/import type { NetdevQueue, QdiscKind } from '@stack/netdev';
/*type*/import type { Plugin } from '@stack/plugin';
import { DropReason, SkbQueue } from '@stack/skb';
/*type*/import type { SkBuff } from '@stack/skb';

/*type*/export interface PASCALOptions {
/*type*/  /** Packets that wait at most, 1000 unless given. */
/*type*/  limit?: number;
/*type*/}
/*type*/
/** Short packets go first. */
class PASCAL extends Qdisc {
  /*readonly */kind = 'NAME';
  /*readonly */#short = new SkbQueue();
  /*readonly */#long = new SkbQueue();
  /*readonly */#limit/*: number */;

  constructor(queue/*: NetdevQueue */, { limit = 1000 }/*: PASCALOptions */) {
    super(queue);
    this.#limit = limit;
  }

  enqueue(skb/*: SkBuff */)/*: number */ {
    if (this.qlen >= this.#limit) {
      this.overlimits++;
      this.drop(skb, DropReason.QDISC_OVERLIMIT);
      return NET_XMIT_DROP;
    }
    (skb.len < 200 ? this.#short : this.#long).push(skb);
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  dequeue()/*: SkBuff | null */ {
    const skb = this.#short.shift() ?? this.#long.shift();
    if (skb !== null) this.dequeued(skb);
    return skb;
  }

  peek()/*: SkBuff | null */ {
    return this.#short.first ?? this.#long.first;
  }

  reset()/*: void */ {
    this.#short.dropAll(DropReason.QUEUE_PURGE);
    this.#long.dropAll(DropReason.QUEUE_PURGE);
    this.qlen = 0;
    this.backlog = 0;
  }
}

export const CAMELKind/*: QdiscKind */ = { kind: 'NAME', create: (queue, options) => new PASCAL(queue, options) };

/** Brings the discipline NAME. */
export function CAMEL()/*: Plugin */ {
  return { name: 'NAME', attach: (services) => services.get(QdiscKinds).add(CAMELKind) };
}
`,
  test: `import { allocEtherdev, NetCore, netdev, NETDEV_TX_OK, registerNetdevice } from '@stack/netdev';
import { Skbs } from '@stack/skb';
import { machine, qdiscContract, testHost } from '@stack/testing';
import { expect, test } from 'vitest';
import { CAMEL, CAMELKind } from '../src/index.EXT';

const { kind, create } = CAMELKind;
qdiscContract({ name: kind, create: (queue) => create(queue, { limit: 100 }), limit: { packets: 100 } });

// On a test host, a discipline whose counters are wrong or that keeps packets fails the test at once.
function setUp(options/*: object */ = {}) {
  const host = testHost(machine(), 'alice', [netdev(), CAMEL()]);
  const core = host.get(NetCore);
  const dev = allocEtherdev('eth0', {
    open: () => 0,
    stop: () => 0,
    startXmit: (skb) => (skb.consume(), NETDEV_TX_OK),
  });
  registerNetdevice(core, dev);
  const qdisc = core.qdiscKinds.create('NAME', dev.queues[0]/*!*/, options);
  const packet = (length/*: number */) => {
    const skb = host.get(Skbs).alloc(2048)/*!*/;
    skb.put(length);
    return skb;
  };
  return { qdisc, packet };
}

test('short packets leave first, each kind in its order', () => {
  const { qdisc, packet } = setUp();
  for (const length of [1000, 60, 1001, 61]) qdisc.enqueue(packet(length));
  const lengths = [0, 1, 2, 3].map(() => {
    const skb = qdisc.dequeue()/*!*/;
    const { len } = skb;
    skb.consume();
    return len;
  });
  expect(lengths).toEqual([60, 61, 1000, 1001]);
  expect(qdisc.dequeue()).toBeNull();
});

test('what is too much is dropped', () => {
  const { qdisc, packet } = setUp({ limit: 2 });
  for (let i = 0; i < 5; i++) qdisc.enqueue(packet(100));
  expect(qdisc).toMatchObject({ qlen: 2, drops: 3, overlimits: 3 });
  qdisc.reset();
  expect(qdisc).toMatchObject({ qlen: 0, backlog: 0 });
});
`,
  example: `const eth0 = e1000({ port: cable.a, address: '10.0.0.1/24', qdisc: { kind: CAMELKind, options: { limit: 100 } } });`,
};
