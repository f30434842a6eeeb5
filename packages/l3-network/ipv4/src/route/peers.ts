/** How many hosts are remembered; the oldest are forgotten. @kernel net/ipv4/inetpeer.c inet_peer_threshold */
const MOST_PEERS = 65_664;

/** What is remembered of a host we hear from, whatever the route. @kernel include/net/inetpeer.h struct inet_peer */
export class InetPeer {
  /** Count of fragments from it, to tell how far apart two are. */
  rid = 0;
  /** Budget of ICMP messages to it, in jiffies, and when it was last filled. */
  rateTokens = 0;
  rateLast = -Infinity;
  /** Redirects it was sent in vain. */
  redirects = 0;
}

export class InetPeers {
  readonly #peers = new Map<number, InetPeer>();

  /** @kernel net/ipv4/inetpeer.c inet_getpeer() */
  get(address: number): InetPeer {
    let peer = this.#peers.get(address);
    if (peer !== undefined) return peer;
    if (this.#peers.size >= MOST_PEERS) this.#peers.delete(this.#peers.keys().next().value!);
    this.#peers.set(address, (peer = new InetPeer()));
    return peer;
  }
}
