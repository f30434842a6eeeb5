import { contractError, StackError, type Part, type Undo } from '@stack/plugin';
import type { SkBuff, SkbPool } from '@stack/skb';
import { isVerdict } from './ask.ts';
import type { HookState } from './hook.ts';
import type { Netfilter } from './netfilter.ts';
import { copyOut, mangle } from './user-packet.ts';
import { NF_ACCEPT, NF_DROP, type Verdict } from './verdict.ts';

/** A packet as a function sees it that is asked from outside the path. It is the function's to keep. */
export interface UserPacket {
  /** 1, 2, 3 ... within its queue. */
  readonly id: number;
  /** A copy from the IP header on. A packet that the chip is to cut into segments is whole, its checksum not yet made. */
  readonly bytes: Uint8Array;
  /** NF_INET_*. */
  readonly hook: number;
  /** Names of the devices, null where the point has none. */
  readonly in: string | null;
  readonly out: string | null;
  readonly mark: number;
}

/** A verdict, or what else becomes of the packet: other bytes in its place (lengths and checksums are made right), a mark. */
export type UserAnswer = Verdict | { readonly verdict?: Verdict; readonly bytes?: Uint8Array; readonly mark?: number };
export type UserHandler = (packet: UserPacket) => UserAnswer | Promise<UserAnswer>;

export interface UserQueueOptions {
  /** How many packets may wait for their answer; 1024 unless given. */
  readonly limit?: number;
  /** Lets packets pass when the queue is full or its handler fails, instead of dropping them. No unless given. */
  readonly failOpen?: boolean;
}

type Reinject = (verdict: Verdict) => void;

interface Waiting {
  readonly skb: SkBuff;
  readonly serial: number;
  readonly pool: SkbPool;
  readonly reinject: Reinject;
}

/**
 * A queue of packets whose verdict a function outside of the path decides. Ended by {@link close}, by a handler that throws
 * or rejects, or with the host.
 *
 * @kernel net/netfilter/nfnetlink_queue.c struct nfqnl_instance
 */
export class UserQueue {
  readonly number: number;
  readonly limit: number;
  readonly failOpen: boolean;
  /** Packets that were given to the handler. */
  total = 0;
  /** Packets that found the queue full. */
  dropped = 0;
  /** Packets that could not be copied to the handler, or whose new bytes could not be taken. */
  userDropped = 0;
  #waiting = new Map<number, Waiting>();
  #handler: UserHandler;
  #nf: Netfilter;
  #undo: Undo;
  #part: Part;

  /** @internal Use {@link Netfilter.userQueue}. */
  constructor(nf: Netfilter, number: number, handler: UserHandler, options: UserQueueOptions) {
    this.number = number;
    this.limit = options.limit ?? 1024;
    this.failOpen = options.failOpen ?? false;
    if (!Number.isInteger(this.limit) || this.limit < 1) {
      throw new StackError('ERR_STACK_QUEUE_OPTION', `queue ${number} cannot hold ${this.limit}`, 'give 1 or more');
    }
    this.#nf = nf;
    this.#handler = handler;
    this.#part = nf.faults.part(`handler of queue ${number}`);
    this.#undo = nf.queueHandler(number, (skb, state, reinject) => this.#enqueue(skb, state, reinject));
  }

  /** Packets that wait. */
  get length(): number {
    return this.#waiting.size;
  }

  /** Serves no more; what waits is dropped, or passes if the queue is fail-open. @kernel net/netfilter/nfnetlink_queue.c nfqnl_flush() */
  close(): void {
    if (this.failOpen) for (const { reinject } of [...this.#waiting.values()]) reinject(NF_ACCEPT);
    this.#waiting.clear();
    this.#undo();
  }

  /** @kernel net/netfilter/nfnetlink_queue.c __nfqnl_enqueue_packet() */
  #enqueue(skb: SkBuff, state: HookState, reinject: Reinject): void {
    if (this.#waiting.size >= this.limit) {
      this.dropped++;
      return reinject(this.#otherwise);
    }
    const bytes = copyOut(skb);
    if (bytes === null) {
      this.userDropped++;
      return reinject(this.#otherwise);
    }
    const id = ++this.total;
    this.#waiting.set(id, { skb, serial: skb.id, pool: skb.pool, reinject });
    const { hook, in: inDev, out: outDev } = state;
    void this.#ask({ id, bytes, hook, in: inDev?.name ?? null, out: outDev?.name ?? null, mark: skb.mark });
  }

  get #otherwise(): Verdict {
    return this.failOpen ? NF_ACCEPT : NF_DROP;
  }

  async #ask(packet: UserPacket): Promise<void> {
    let answer: FullAnswer;
    try {
      answer = complete(await this.#handler(packet));
    } catch (error) {
      this.close();
      this.#nf.faults.report(this.#part, error);
      return;
    }
    this.#answer(packet.id, answer);
  }

  /** @kernel net/netfilter/nfnetlink_queue.c nfqnl_recv_verdict() */
  #answer(id: number, { verdict, bytes, mark }: FullAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    // The queue may be closed meanwhile, or the packet dropped with the hook that sent it here.
    if (waiting === undefined || !waiting.pool.isAlive(waiting.skb, waiting.serial)) return;
    const { skb, reinject } = waiting;
    if (bytes !== undefined && !mangle(skb, bytes)) {
      this.userDropped++;
      return reinject(NF_DROP);
    }
    if (mark !== undefined) skb.mark = mark;
    reinject(verdict);
  }
}

interface FullAnswer {
  verdict: Verdict;
  bytes?: Uint8Array;
  mark?: number;
}

function complete(answer: UserAnswer): FullAnswer {
  const full = typeof answer === 'object' ? { verdict: NF_ACCEPT, ...answer } : { verdict: answer };
  if (isVerdict(full.verdict)) return full;
  throw contractError(`it answered ${String(full.verdict)}`, 'answer with NF_ACCEPT, NF_DROP or another verdict');
}
