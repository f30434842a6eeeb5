import { HashTable, inetEhashfn, TCP_ESTABLISHED, type SockCommon, type SockNet } from '@stack/sock';
import type { UdpSock } from './udp-sock.ts';

/**
 * The sockets of one datagram protocol, by local port.
 *
 * @kernel include/net/udp.h struct udp_table
 */
export class UdpTable {
  readonly net: SockNet;
  readonly #byPort = new HashTable<SockCommon>();
  readonly #secret: number;

  constructor(net: SockNet) {
    this.net = net;
    this.#secret = net.random.int32();
  }

  /** Sockets with a port. */
  get size(): number {
    return this.#byPort.size;
  }

  /** The chain in which sockets of the port are, with others. */
  first(port: number): UdpSock | null {
    return this.#byPort.first(port) as UdpSock | null;
  }

  remove(sk: UdpSock): void {
    this.#byPort.remove(sk);
  }

  [Symbol.iterator](): Iterator<UdpSock> {
    return this.#byPort[Symbol.iterator]() as Iterator<UdpSock>;
  }

  /**
   * Gives a socket the port, or one that is free for 0. 0, or 1 when it is taken.
   *
   * @kernel net/ipv4/udp.c udp_lib_get_port()
   */
  getPort(sk: UdpSock, port: number): number {
    const chosen = port === 0 ? this.#freePort(sk) : port;
    if (chosen === 0 || this.#inUse(sk, chosen)) return 1;
    sk.boundPort = chosen;
    this.#byPort.add(sk, chosen);
    return 0;
  }

  #freePort(sk: UdpSock): number {
    const { localPortLow: low, localPortHigh: high, random, reservedPorts } = this.net;
    const count = high - low + 1;
    const start = random.below(count);
    for (let i = 0; i < count; i++) {
      const port = low + ((start + i) % count);
      if (!reservedPorts.has(port) && !this.#inUse(sk, port)) return port;
    }
    return 0;
  }

  /** @kernel net/ipv4/udp.c udp_lib_lport_inuse() */
  #inUse(sk: UdpSock, port: number): boolean {
    for (let other = this.first(port); other !== null; other = nextInChain(other)) {
      if (other.boundPort !== port || (sk.reuse && other.reuse) || (sk.reuseport && other.reuseport)) continue;
      const sameDevice = sk.boundDevIf === 0 || other.boundDevIf === 0 || sk.boundDevIf === other.boundDevIf;
      const sameAddress = sk.rcvSaddr === 0 || other.rcvSaddr === 0 || sk.rcvSaddr === other.rcvSaddr;
      if (sameDevice && sameAddress) return true;
    }
    return false;
  }

  /**
   * The socket that fits a datagram from `saddr:sport` to `daddr:dport` best; among unconnected ones with
   * SO_REUSEPORT that fit alike, the one that the sender's hash chooses.
   *
   * @kernel net/ipv4/udp.c __udp4_lib_lookup()
   */
  lookup(saddr: number, sport: number, daddr: number, dport: number, dif: number): UdpSock | null {
    let best: UdpSock | null = null;
    let bestScore = 0;
    let equals = 0;
    for (let sk = this.first(dport); sk !== null; sk = nextInChain(sk)) {
      const score = computeScore(sk, saddr, sport, daddr, dport, dif);
      if (score === bestScore) equals++;
      if (score <= bestScore) continue;
      best = sk;
      bestScore = score;
      equals = 1;
    }
    if (best === null || equals < 2 || !best.reuseport || best.state === TCP_ESTABLISHED) return best;
    let left = inetEhashfn(this.#secret, daddr, dport, saddr, sport) % equals;
    for (let sk: UdpSock | null = best; sk !== null; sk = nextInChain(sk)) {
      if (computeScore(sk, saddr, sport, daddr, dport, dif) === bestScore && left-- === 0) return sk;
    }
    return best;
  }
}

export function nextInChain(sk: UdpSock): UdpSock | null {
  return sk.hashNext as UdpSock | null;
}

/** More than all that a socket bound to the wildcard can score. */
const EXACT_ADDRESS = 32;

/** How well a socket fits, 0 when it does not. @kernel net/ipv4/udp.c compute_score() */
function computeScore(sk: UdpSock, saddr: number, sport: number, daddr: number, dport: number, dif: number): number {
  if (sk.boundPort !== dport) return 0;
  let score = 1;
  if (sk.rcvSaddr !== 0) {
    if (sk.rcvSaddr !== daddr) return 0;
    score += EXACT_ADDRESS;
  }
  if (sk.daddr !== 0) {
    if (sk.daddr !== saddr) return 0;
    score += 4;
  }
  if (sk.dport !== 0) {
    if (sk.dport !== sport) return 0;
    score += 4;
  }
  if (sk.boundDevIf !== 0) {
    if (sk.boundDevIf !== dif) return 0;
    score += 4;
  }
  return score;
}
