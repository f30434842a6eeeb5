import { FastOpenCookie } from '../fastopen/cookie.ts';

/** Jiffies after which nothing measured holds any more. @kernel net/ipv4/tcp_metrics.c TCP_METRICS_TIMEOUT */
const TIMEOUT = 60 * 60 * 1000;
/** Peers at most. */
const MOST = 16_384;

/** What Fast Open knows of a peer. @kernel net/ipv4/tcp_metrics.c struct tcp_fastopen_metrics */
export class FastOpenMetrics {
  mss = 0;
  /** SYNs with data that were lost in a row, and when the last one was, in jiffies. */
  synLoss = 0;
  lastSynLoss = 0;
  /** 1: the peer ignored option 34, so try the experimental one; 2: it ignored that too. */
  tryExperimental = 0;
  readonly cookie = new FastOpenCookie();
}

/** What earlier connections between two addresses measured; 0: not known. @kernel net/ipv4/tcp_metrics.c struct tcp_metrics_block */
export class TcpMetricsBlock {
  readonly saddr: number;
  readonly daddr: number;
  /** The next one of the same peer. */
  readonly next: TcpMetricsBlock | null;
  /** When it was written last, in jiffies. */
  stamp: number;
  /** Microseconds, eightfold and fourfold as {@link RttState} keeps them. */
  rtt = 0;
  rttvar = 0;
  /** Segments. */
  ssthresh = 0;
  cwnd = 0;
  reordering = 0;
  fastOpen: FastOpenMetrics | null = null;

  constructor(saddr: number, daddr: number, now: number, next: TcpMetricsBlock | null) {
    this.saddr = saddr;
    this.daddr = daddr;
    this.next = next;
    this.stamp = now;
  }

  /** Forgets what is too old. */
  check(now: number): void {
    if (now - this.stamp <= TIMEOUT) return;
    this.stamp = now;
    this.rtt = this.rttvar = this.ssthresh = this.cwnd = this.reordering = 0;
  }
}

/** The cache of a host: what `ip tcp_metrics` shows. Addresses are int32. @kernel net/ipv4/tcp_metrics.c */
export class TcpMetrics implements Iterable<TcpMetricsBlock> {
  /** By the peer's address; those of one peer are linked. */
  readonly #peers = new Map<number, TcpMetricsBlock>();

  /** Null when nothing is known. @kernel net/ipv4/tcp_metrics.c tcp_get_metrics() */
  get(saddr: number, daddr: number, now: number): TcpMetricsBlock | null {
    let block = this.#peers.get(daddr) ?? null;
    while (block !== null && block.saddr !== saddr) block = block.next;
    block?.check(now);
    return block;
  }

  /** The same, made if there is none; the peer longest there gives way when there are too many. */
  make(saddr: number, daddr: number, now: number): TcpMetricsBlock {
    const known = this.get(saddr, daddr, now);
    if (known !== null) return known;
    const first = this.#peers.get(daddr) ?? null;
    if (first === null && this.#peers.size >= MOST) this.#peers.delete(this.#peers.keys().next().value!);
    const block = new TcpMetricsBlock(saddr, daddr, now, first);
    this.#peers.set(daddr, block);
    return block;
  }

  /** Forgets a peer. False when it was not known. @kernel net/ipv4/tcp_metrics.c tcp_metrics_nl_cmd_del() */
  delete(daddr: number): boolean {
    return this.#peers.delete(daddr);
  }

  /** @kernel net/ipv4/tcp_metrics.c tcp_metrics_flush_all() */
  flush(): void {
    this.#peers.clear();
  }

  *[Symbol.iterator](): Iterator<TcpMetricsBlock> {
    for (const first of this.#peers.values())
      for (let block: TcpMetricsBlock | null = first; block !== null; block = block.next) yield block;
  }
}
