import { ip } from '@stack/skb';
import type { SocketFilter } from '@stack/sock';

/**
 * For `setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, onlyFrom([parseIpv4('10.0.0.2')]))`: packets of others are dropped
 * before they take room in the socket's buffer.
 */
export function onlyFrom(addresses: readonly number[]): SocketFilter {
  const known = new Set(addresses);
  return (skb) => (known.has(ip.saddr(skb)) ? skb.len : 0);
}
