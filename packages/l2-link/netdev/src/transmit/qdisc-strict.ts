import { contractError, type Faults, type Part } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';
import { NET_XMIT_SUCCESS } from '../constants.ts';
import type { Qdisc } from './qdisc.ts';

/** Answers of enqueue have this much room. @kernel include/net/sch_generic.h __NET_XMIT_STOLEN, __NET_XMIT_BYPASS */
const ANSWERS = 0x3ffff;

/** Watches a discipline at work, for hosts whose faults are strict: one that does not do what it says ends the run. */
export function strictQdisc(qdisc: Qdisc, part: Part, faults: Faults): void {
  const holder = `${part.name} of ${part.plugin}`;
  const inside = new Set<SkBuff>();
  const enqueue = qdisc.enqueue.bind(qdisc);
  const dequeue = qdisc.dequeue.bind(qdisc);
  const peek = qdisc.peek.bind(qdisc);
  const reset = qdisc.reset.bind(qdisc);
  const watched = <T>(act: () => T): T => {
    try {
      const answer = act();
      checkCounts(qdisc);
      return answer;
    } catch (error) {
      faults.passOn(error);
      faults.report(part, error);
      throw error;
    }
  };
  qdisc.enqueue = (skb) =>
    watched(() => {
      const { id, pool } = skb;
      const { qlen, drops } = qdisc;
      const answer = enqueue(skb);
      if (pool.isAlive(skb, id)) {
        pool.heldBy(skb, holder);
        inside.add(skb);
        checkTaken(answer, qdisc.qlen - qlen, qdisc.drops - drops);
      }
      checkAnswer(answer);
      return answer;
    });
  qdisc.dequeue = () =>
    watched(() => {
      const { qlen } = qdisc;
      const skb = dequeue();
      checkGiven(skb, qlen - qdisc.qlen);
      if (skb !== null) inside.delete(skb);
      return skb;
    });
  qdisc.peek = () => watched(peek);
  qdisc.reset = () =>
    watched(() => {
      reset();
      checkEmpty(qdisc, inside);
      inside.clear();
    });
}

function checkAnswer(answer: number): void {
  if (Number.isInteger(answer) && answer >= 0 && answer <= ANSWERS) return;
  throw contractError(`enqueue answered ${String(answer)}`, 'answer NET_XMIT_SUCCESS, NET_XMIT_DROP or NET_XMIT_CN');
}

function checkTaken(answer: number, more: number, dropped: number): void {
  if (answer === NET_XMIT_SUCCESS && more <= 0 && dropped <= 0) {
    throw contractError('enqueue took a packet and did not count it in qlen', 'call enqueued(skb)');
  }
}

function checkGiven(skb: SkBuff | null, fewer: number): void {
  if (skb === undefined) throw contractError('dequeue answered undefined', 'answer null when nothing may leave');
  if (skb === null || fewer > 0) return;
  throw contractError('dequeue gave a packet and did not count it out of qlen', 'call dequeued(skb)');
}

function checkCounts({ qlen, backlog }: Qdisc): void {
  const whole = Number.isInteger(qlen) && Number.isInteger(backlog);
  if (whole && qlen >= 0 && backlog >= 0 && (qlen > 0 || backlog === 0)) return;
  throw contractError(
    `qlen is ${qlen} and backlog ${backlog}`,
    'count packets and bytes in and out with enqueued and dequeued',
  );
}

function checkEmpty({ qlen, backlog }: Qdisc, inside: ReadonlySet<SkBuff>): void {
  if (qlen !== 0 || backlog !== 0) {
    throw contractError(`after reset qlen is ${qlen} and backlog ${backlog}`, 'set both to 0');
  }
  for (const skb of inside) {
    if (isAlive(skb)) throw contractError('reset kept a packet', 'drop everything, with QUEUE_PURGE');
  }
}

/** Whoever has left the queue otherwise is freed, or is another packet by now. */
function isAlive(skb: SkBuff): boolean {
  try {
    return skb.pool.isAlive(skb, skb.id);
  } catch {
    return false;
  }
}
