import type { FastOpenCookie } from '../fastopen/cookie.ts';
import type { TcpSock } from '../sock.ts';
import { FastOpenMetrics } from './metrics.ts';

/**
 * The peer's cookie as it was given earlier, into `cookie`; returns the MSS it announced then, 0 if not known.
 *
 * @kernel net/ipv4/tcp_metrics.c tcp_fastopen_cache_get()
 */
export function tcpFastopenCacheGet(sk: TcpSock, cookie: FastOpenCookie): number {
  const { tcp } = sk;
  const known = tcp.metrics.get(sk.saddr, sk.daddr, tcp.jiffies)?.fastOpen ?? null;
  if (known === null) return 0;
  cookie.copyFrom(known.cookie);
  if (cookie.length <= 0 && known.tryExperimental === 1) cookie.experimental = true;
  if (cookie.length < 0) cookie.length = 0;
  return known.mss;
}

/** What the SYN-ACK said: for the next connection. @kernel net/ipv4/tcp_metrics.c tcp_fastopen_cache_set() @rfc 7413 4.1.3 */
export function tcpFastopenCacheSet(
  sk: TcpSock,
  mss: number,
  cookie: FastOpenCookie,
  synLost: boolean,
  tryExperimental: number,
): void {
  const { tcp } = sk;
  const block = tcp.metrics.make(sk.saddr, sk.daddr, tcp.jiffies);
  const known = (block.fastOpen ??= new FastOpenMetrics());
  if (mss !== 0) known.mss = mss;
  if (cookie.length > 0) known.cookie.copyFrom(cookie);
  else if (tryExperimental > known.tryExperimental && known.cookie.length <= 0 && !known.cookie.experimental)
    known.tryExperimental = tryExperimental;
  if (synLost) {
    known.synLoss++;
    known.lastSynLoss = tcp.jiffies;
  } else {
    known.synLoss = 0;
  }
}
