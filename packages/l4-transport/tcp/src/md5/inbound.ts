import { DropReason, ip, tcp as th, type SkBuff } from '@stack/skb';
import { TcpExt } from '../mib.ts';
import type { TcpSock } from '../sock.ts';
import { tcpMd5Lookup } from './keys.ts';
import { digestIn, digestIsRight } from './sign.ts';

/** Headers shorter than this have no room for a signature. */
const LEAST = th.LENGTH + 18;

/**
 * Why a segment may not pass: signed though no key is shared with its sender, not signed though one is, or signed
 * wrongly. 0 when it may.
 *
 * @kernel net/ipv4/tcp.c tcp_inbound_hash() @rfc 2385 2.0
 */
export function tcpInboundHash(sk: TcpSock, skb: SkBuff): number {
  const { ext } = sk.tcp.mib;
  const key = tcpMd5Lookup(sk, ip.saddr(skb));
  const digest = th.headerLength(skb) < LEAST ? 0 : digestIn(skb);
  if (key === null && digest === 0) return 0;
  if (digest === 0) {
    ext[TcpExt.TCPMD5NotFound]++;
    return DropReason.TCP_MD5NOTFOUND;
  }
  if (key === null) {
    ext[TcpExt.TCPMD5Unexpected]++;
    return DropReason.TCP_MD5UNEXPECTED;
  }
  if (digestIsRight(skb, digest, key)) return 0;
  ext[TcpExt.TCPMD5Failure]++;
  return DropReason.TCP_MD5FAILURE;
}
