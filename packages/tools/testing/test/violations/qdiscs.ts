/** Queueing disciplines that break their contract, one way each; run by violations.test.ts. */
import { NET_XMIT_DROP, NET_XMIT_SUCCESS, Qdisc, QdiscWatchdog, type NetdevQueue } from '@stack/netdev';
import { DropReason, SkbQueue, type SkBuff } from '@stack/skb';
import { qdiscContract } from '@stack/testing';
import { ask } from './wrong-context.ts';

const LIMIT = 100;

/** One queue, as it should be. */
class Simple extends Qdisc {
  readonly kind: string;
  protected readonly waiting = new SkbQueue();

  constructor(queue: NetdevQueue, kind: string) {
    super(queue);
    this.kind = kind;
  }

  enqueue(skb: SkBuff): number {
    if (this.qlen >= LIMIT) {
      this.drop(skb, DropReason.QDISC_OVERLIMIT);
      return NET_XMIT_DROP;
    }
    this.waiting.push(skb);
    this.enqueued(skb);
    return NET_XMIT_SUCCESS;
  }

  dequeue(): SkBuff | null {
    const skb = this.waiting.shift();
    if (skb !== null) this.dequeued(skb);
    return skb;
  }

  peek(): SkBuff | null {
    return this.waiting.first;
  }

  reset(): void {
    this.waiting.dropAll(DropReason.QUEUE_PURGE);
    this.qlen = this.backlog = 0;
  }
}

const contract = (kind: string, make: new (queue: NetdevQueue, kind: string) => Qdisc): void =>
  qdiscContract({ name: kind, create: (queue) => new make(queue, kind), limit: { packets: LIMIT } });

contract('all right', Simple);

contract(
  'losing',
  class extends Simple {
    override dequeue(): SkBuff | null {
      return this.qlen === 1 ? null : super.dequeue();
    }
  },
);

contract(
  'miscounting',
  class extends Simple {
    protected override enqueued(skb: SkBuff): void {
      super.enqueued(skb);
      this.backlog += 4;
    }
  },
);

contract(
  'silent',
  class extends Simple {
    override dequeue(): SkBuff | null {
      const old = this.qlen > 5 ? this.waiting.shift() : null;
      if (old !== null) {
        this.qlen--;
        this.backlog -= old.len;
        this.drop(old, DropReason.QDISC_CONGESTED);
      }
      return super.dequeue();
    }
  },
);

contract(
  'surprising',
  class extends Simple {
    override peek(): SkBuff | null {
      return this.waiting.last;
    }
  },
);

contract(
  'keeping',
  class extends Simple {
    override reset(): void {
      while (this.waiting.length > 1) this.waiting.shift()!.drop(DropReason.QUEUE_PURGE);
      this.qlen = this.backlog = 0;
    }
  },
);

contract(
  'boundless',
  class extends Simple {
    override enqueue(skb: SkBuff): number {
      this.waiting.push(skb);
      this.enqueued(skb);
      return NET_XMIT_SUCCESS;
    }
  },
);

contract(
  'ticking',
  class extends Simple {
    readonly #watchdog = new QdiscWatchdog(this);
    override dequeue(): SkBuff | null {
      this.#watchdog.schedule(1e15);
      return super.dequeue();
    }
  },
);

contract(
  'asking',
  class extends Simple {
    override enqueue(skb: SkBuff): number {
      if (this.qlen === 0) ask();
      return super.enqueue(skb);
    }
  },
);

contract(
  'dicing',
  class extends Simple {
    override dequeue(): SkBuff | null {
      return Math.random() < 0.5 ? super.dequeue() : null;
    }
  },
);

contract(
  'sending',
  class extends Simple {
    override dequeue(): SkBuff | null {
      const skb = super.dequeue();
      if (skb !== null && this.queue.dev.ops.startXmit(skb, this.queue.dev) === 0) return null;
      return skb;
    }
  },
);

const notes: object[] = [];
contract(
  'wasteful',
  class extends Simple {
    override enqueue(skb: SkBuff): number {
      notes[0] = { bytes: skb.len, at: [this.qlen] };
      return super.enqueue(skb);
    }
  },
);

qdiscContract({ name: 'misnamed', create: (queue) => new Simple(queue, 'named') });
