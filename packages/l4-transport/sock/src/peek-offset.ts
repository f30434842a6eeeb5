import type { Sock } from './sock.ts';

/**
 * A peek with SO_PEEK_OFF begins `bytes` further on than the one before; fewer than none when they were read, and are no longer in
 * front of it.
 *
 * @kernel include/net/sock.h sk_peek_offset_fwd(), sk_peek_offset_bwd()
 */
export function skPeekOffsetFwd(sk: Sock, bytes: number): void {
  if (sk.settings.peekOff >= 0) sk.change({ peekOff: Math.max(sk.settings.peekOff + bytes, 0) });
}
