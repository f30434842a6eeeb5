import { inetEhashfn, portaddrHash } from './hash.ts';
import type { InetHashinfo } from './inet-hashinfo.ts';
import type { SockCommon } from './sock-common.ts';
import type { Sock } from './sock.ts';

/**
 * The connection a segment belongs to: `saddr:sport` is the sender, `daddr:dport` is ours, `dif` the device it came by.
 *
 * @kernel net/ipv4/inet_hashtables.c __inet_lookup_established()
 */
export function inetLookupEstablished(
  info: InetHashinfo,
  saddr: number,
  sport: number,
  daddr: number,
  dport: number,
  dif: number,
): SockCommon | null {
  const hash = inetEhashfn(info.secret, daddr, dport, saddr, sport);
  for (let sk = info.ehash.first(hash); sk !== null; sk = sk.hashNext) {
    if (sk.hash === hash && inetMatch(sk, saddr, sport, daddr, dport, dif)) return sk;
  }
  return null;
}

/** @kernel include/net/inet_hashtables.h inet_match() */
function inetMatch(sk: SockCommon, saddr: number, sport: number, daddr: number, dport: number, dif: number): boolean {
  return (
    sk.boundPort === dport &&
    sk.dport === sport &&
    sk.rcvSaddr === daddr &&
    sk.daddr === saddr &&
    (sk.boundDevIf === 0 || sk.boundDevIf === dif)
  );
}

/**
 * Who listens at `daddr:dport`: the exact address before the wildcard, bound to the device before not. Listeners
 * that share it by SO_REUSEPORT get their share of peers by hash.
 *
 * @kernel net/ipv4/inet_hashtables.c __inet_lookup_listener()
 */
export function inetLookupListener(
  info: InetHashinfo,
  saddr: number,
  sport: number,
  daddr: number,
  dport: number,
  dif: number,
): Sock | null {
  const flow = inetEhashfn(info.secret, daddr, dport, saddr, sport);
  return bestListener(info, daddr, dport, dif, flow) ?? bestListener(info, 0, dport, dif, flow);
}

/** @kernel net/ipv4/inet_hashtables.c inet_lhash2_lookup() */
function bestListener(info: InetHashinfo, address: number, port: number, dif: number, flow: number): Sock | null {
  const hash = portaddrHash(info.secret, address, port);
  let best: SockCommon | null = null;
  let bestScore = 0;
  let equals = 0;
  for (let sk = info.lhash.first(hash); sk !== null; sk = sk.hashNext) {
    const score = computeScore(sk, address, port, dif);
    if (score === bestScore) equals++;
    if (score <= bestScore) continue;
    best = sk;
    bestScore = score;
    equals = 1;
  }
  const listener = best as Sock | null;
  if (listener === null || !listener.reuseport || equals < 2) return listener;
  return shareOf(listener, address, port, dif, bestScore, flow % equals);
}

/** The listener number `index` of those that score alike. @kernel net/core/sock_reuseport.c reuseport_select_sock() */
function shareOf(first: Sock, address: number, port: number, dif: number, score: number, index: number): Sock {
  let left = index;
  for (let sk: SockCommon | null = first; sk !== null; sk = sk.hashNext) {
    if (computeScore(sk, address, port, dif) === score && left-- === 0) return sk as Sock;
  }
  return first;
}

/** How well a listener fits; 0 when it does not. @kernel net/ipv4/inet_hashtables.c compute_score() */
function computeScore(sk: SockCommon, address: number, port: number, dif: number): number {
  if (sk.boundPort !== port || sk.rcvSaddr !== address) return 0;
  if (sk.boundDevIf === 0) return 1;
  return sk.boundDevIf === dif ? 2 : 0;
}

/**
 * A connection, else a listener. Early demux leaves a route in the skb and no socket: there is none to take from it.
 *
 * @kernel include/net/inet_hashtables.h __inet_lookup(), __inet_lookup_skb()
 */
export function inetLookup(
  info: InetHashinfo,
  saddr: number,
  sport: number,
  daddr: number,
  dport: number,
  dif: number,
): SockCommon | null {
  return (
    inetLookupEstablished(info, saddr, sport, daddr, dport, dif) ??
    inetLookupListener(info, saddr, sport, daddr, dport, dif)
  );
}
