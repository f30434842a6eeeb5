import type { Random } from '@stack/clock';
import type { SkBuff } from '@stack/skb';
import type { TimerWheel } from '@stack/softirq';
import type { InetSock } from '../inet-sock.ts';

const BUCKETS = 2048;

/**
 * Where IP ids come from when there is no socket to count them: counters that many destinations share, and that move
 * on by a random amount with time, so that nobody can count our packets.
 *
 * @kernel net/ipv4/route.c ip_idents
 * @rfc 6864
 */
export class IpIdents {
  readonly #random: Random;
  readonly #wheel: TimerWheel;
  readonly #secret: number;
  readonly #ids = new Int32Array(BUCKETS);
  readonly #stamps = new Float64Array(BUCKETS);

  constructor(random: Random, wheel: TimerWheel) {
    this.#random = random;
    this.#wheel = wheel;
    this.#secret = random.int32();
    for (let i = 0; i < BUCKETS; i++) this.#ids[i] = random.int32();
  }

  /** The first of `segments` ids in a row. @kernel net/ipv4/route.c ip_idents_reserve() */
  reserve(daddr: number, saddr: number, protocol: number, segments: number): number {
    const bucket = this.#bucket(daddr, saddr, protocol);
    const now = this.#wheel.jiffies;
    const passed = now - this.#stamps[bucket];
    this.#stamps[bucket] = now;
    const skipped = passed > 0 ? this.#random.below(Math.min(passed, 0x7fffffff)) : 0;
    const id = (this.#ids[bucket] + skipped) | 0;
    this.#ids[bucket] = id + segments;
    return id & 0xffff;
  }

  #bucket(daddr: number, saddr: number, protocol: number): number {
    let hash = Math.imul(daddr ^ this.#secret, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ saddr, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 16) ^ protocol, 0x9e3779b1);
    return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
  }
}

/**
 * The id of a packet of the socket, 0 to 65,535. A packet with DF is never put together again, so its id only has to
 * differ for the eyes of header compression: the socket counts.
 *
 * @kernel include/net/ip.h ip_select_ident_segs()
 */
export function ipSelectIdentSegs(
  idents: IpIdents,
  skb: SkBuff,
  sk: InetSock | null,
  df: boolean,
  saddr: number,
  daddr: number,
  protocol: number,
): number {
  const segments = Math.max(1, skb.shinfo.gsoSegs);
  if (!df || skb.ignoreDf) return idents.reserve(daddr, saddr, protocol, segments);
  if (sk === null || sk.daddr === 0) return 0;
  const id = sk.inetId;
  sk.inetId = (id + segments) & 0xffff;
  return id & 0xffff;
}
