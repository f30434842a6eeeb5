/** A hash of two addresses and two ports, 0 to 2^31 - 1. `secret` keeps outsiders from choosing their chain. @kernel net/ipv4/inet_hashtables.c inet_ehashfn() */
export function inetEhashfn(secret: number, laddr: number, lport: number, faddr: number, fport: number): number {
  return finish(mix(mix(mix(secret, laddr), faddr), (lport << 16) | fport));
}

/** A hash of an address and a port, for listeners and datagram sockets. @kernel include/net/ip.h ipv4_portaddr_hash() */
export function portaddrHash(secret: number, address: number, port: number): number {
  return finish(mix(mix(secret, address), port));
}

function mix(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = state ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(state: number): number {
  let h = state ^ (state >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) & 0x7fffffff;
}
