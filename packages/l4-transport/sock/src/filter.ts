import type { SkBuff } from '@stack/skb';
import type { Sock } from './sock.ts';

/**
 * Runs the socket's filter: the packet is cut to as many bytes as it allows, but never below `least` (the transport
 * header). False when the filter refuses it: the caller drops it with SOCKET_FILTER. A filter that throws refuses.
 *
 * @kernel net/core/filter.c sk_filter_trim_cap()
 */
export function skFilter(sk: Sock, skb: SkBuff, least: number): boolean {
  if (sk.settings.filter === null) return true;
  const allowed = runFilter(sk, skb);
  if (!(allowed > 0)) return false;
  return skb.trim(Math.max(least, Math.floor(allowed)));
}

/** Users write filters, and no packet may throw. */
function runFilter(sk: Sock, skb: SkBuff): number {
  try {
    return sk.settings.filter!(skb);
  } catch {
    return 0;
  }
}
