import type { Qdisc } from '@stack/netdev';

/** A discipline above `child` that does nothing but count, as those with classes do. */
export async function parentFor(child: Qdisc): Promise<Qdisc> {
  const { NET_XMIT_STOLEN_FLAG, NET_XMIT_SUCCESS, Qdisc: Base, qdiscPktLen } = await import('@stack/netdev');
  class Counting extends Base {
    readonly kind = 'counting';
    override readonly classes = { all: [], find: () => null, graft: () => {}, qlenNotify: () => {} };

    enqueue(skb: Parameters<Qdisc['enqueue']>[0]): number {
      const bytes = qdiscPktLen(skb);
      const answer = child.enqueue(skb);
      if (answer === NET_XMIT_SUCCESS) {
        this.qlen++;
        this.backlog += bytes;
      } else if ((answer & NET_XMIT_STOLEN_FLAG) === 0) {
        this.drops++;
      }
      return answer;
    }

    dequeue(): ReturnType<Qdisc['dequeue']> {
      const skb = child.dequeue();
      if (skb !== null) this.dequeued(skb);
      return skb;
    }

    peek(): ReturnType<Qdisc['peek']> {
      return child.peek();
    }

    reset(): void {
      child.reset();
    }
  }
  const above = new Counting(child.queue);
  child.parentQdisc = above;
  child.parent = 0x10001;
  return above;
}
