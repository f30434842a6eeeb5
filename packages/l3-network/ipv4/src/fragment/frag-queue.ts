import type { NetDevice } from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';
import { WheelTimer, type TimerWheel } from '@stack/softirq';

/** Both ends of the datagram have come. @kernel include/net/inet_frag.h INET_FRAG_FIRST_IN */
export const INET_FRAG_FIRST_IN = 1;
export const INET_FRAG_LAST_IN = 2;

/** A datagram of which fragments are missing. Reused. @kernel net/ipv4/ip_fragment.c struct ipq */
export class FragQueue {
  // Which datagram: all of these.
  id = 0;
  saddr = 0;
  daddr = 0;
  protocol = 0;
  user = 0;
  /** Fragments in the order of their place; none overlap. */
  readonly fragments: SkBuff[] = [];
  /** INET_FRAG_* bits. */
  flags = 0;
  /** Bytes of data: of the whole as far as known, and here. */
  len = 0;
  meat = 0;
  truesize = 0;
  /** Size of the largest fragment with its header, and of the largest with DF. */
  maxSize = 0;
  maxDfSize = 0;
  /** ECN fields seen, as bits. */
  ecn = 0;
  /** The sender's count of datagrams when the last fragment came, see {@link InetPeer.rid}. */
  rid = 0;
  dev: NetDevice | null = null;
  readonly timer: WheelTimer;
  /** @internal Next with the same hash. */
  next: FragQueue | null = null;

  constructor(wheel: TimerWheel, expire: (queue: FragQueue) => void) {
    this.timer = new WheelTimer(wheel, () => expire(this));
  }

  /** Empties it; fragments are dropped for `reason`. */
  dropAll(reason: number): void {
    for (const skb of this.fragments) skb.drop(reason);
    this.reset();
  }

  /** Forgets the fragments, which belong to somebody else now. */
  reset(): void {
    this.fragments.length = 0;
    this.flags = 0;
    this.len = 0;
    this.meat = 0;
    this.truesize = 0;
    this.maxSize = 0;
    this.maxDfSize = 0;
    this.ecn = 0;
    this.dev = null;
  }
}

/** Incomplete datagrams of a host. @kernel include/net/inet_frag.h struct fqdir */
export class FragQueues {
  /** Bytes of truesize of all fragments that wait. */
  mem = 0;
  count = 0;
  readonly #wheel: TimerWheel;
  readonly #secret: number;
  readonly #byHash = new Map<number, FragQueue>();
  readonly #free: FragQueue[] = [];

  constructor(wheel: TimerWheel, secret: number) {
    this.#wheel = wheel;
    this.#secret = secret;
  }

  find(id: number, saddr: number, daddr: number, protocol: number, user: number): FragQueue | null {
    let queue = this.#byHash.get(this.#hash(id, saddr, daddr, protocol)) ?? null;
    while (
      queue !== null &&
      (queue.id !== id ||
        queue.saddr !== saddr ||
        queue.daddr !== daddr ||
        queue.protocol !== protocol ||
        queue.user !== user)
    ) {
      queue = queue.next;
    }
    return queue;
  }

  /** @kernel net/ipv4/inet_fragment.c inet_frag_create() */
  create(
    id: number,
    saddr: number,
    daddr: number,
    protocol: number,
    user: number,
    expire: (queue: FragQueue) => void,
  ): FragQueue {
    const queue = this.#free.pop() ?? new FragQueue(this.#wheel, expire);
    queue.id = id;
    queue.saddr = saddr;
    queue.daddr = daddr;
    queue.protocol = protocol;
    queue.user = user;
    const hash = this.#hash(id, saddr, daddr, protocol);
    queue.next = this.#byHash.get(hash) ?? null;
    this.#byHash.set(hash, queue);
    this.count++;
    return queue;
  }

  /** Takes it out; what is left in it is dropped for `reason`. @kernel net/ipv4/inet_fragment.c inet_frag_kill() */
  kill(queue: FragQueue, reason: number): void {
    const hash = this.#hash(queue.id, queue.saddr, queue.daddr, queue.protocol);
    let before: FragQueue | null = null;
    for (let at = this.#byHash.get(hash) ?? null; at !== queue && at !== null; at = at.next) before = at;
    if (before !== null) before.next = queue.next;
    else if (queue.next !== null) this.#byHash.set(hash, queue.next);
    else this.#byHash.delete(hash);
    queue.next = null;
    queue.timer.cancel();
    this.empty(queue, reason);
    this.count--;
    this.#free.push(queue);
  }

  /** Drops what is in it, and it begins anew. */
  empty(queue: FragQueue, reason: number): void {
    this.mem -= queue.truesize;
    queue.dropAll(reason);
  }

  /** Drops everything. */
  clear(): void {
    for (const first of [...this.#byHash.values()]) {
      for (let queue: FragQueue | null = first; queue !== null;) {
        const next: FragQueue | null = queue.next;
        this.kill(queue, DropReason.QUEUE_PURGE);
        queue = next;
      }
    }
  }

  /** @kernel net/ipv4/ip_fragment.c ip4_obj_hashfn() */
  #hash(id: number, saddr: number, daddr: number, protocol: number): number {
    let hash = Math.imul((id << 8) ^ protocol ^ this.#secret, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ saddr, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 16) ^ daddr, 0x9e3779b1);
    return (hash ^ (hash >>> 15)) >> 1; // fits V8's small integers
  }
}
