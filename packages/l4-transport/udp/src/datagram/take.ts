import { ip, skbCopyToBytes, type SkBuff } from '@stack/skb';
import {
  IP_CMSG_PKTINFO,
  IP_CMSG_TOS,
  IP_CMSG_TTL,
  MSG_PEEK,
  MSG_TRUNC,
  skPeekOffsetFwd,
  sockWantsStamp,
  type MsgHdr,
} from '@stack/sock';
import type { DatagramSock } from './datagram-sock.ts';

/**
 * The datagram that the next call finds in a queue that begins with `first`: a peek with SO_PEEK_OFF begins behind those before it,
 * at `home.peekAt`.
 *
 * @kernel net/core/datagram.c __skb_try_recv_from_queue()
 */
export function peeked(sk: DatagramSock, first: SkBuff | null, flags: number): SkBuff | null {
  if ((flags & MSG_PEEK) === 0 || sk.settings.peekOff < 0) return first;
  let offset = sk.settings.peekOff;
  let skb = first;
  for (; skb !== null && offset >= skb.len && (offset > 0 || skb.peeked); skb = skb.next) offset -= skb.len;
  if (skb === null) return null;
  skb.peeked ||= skb.len === 0;
  sk.home.peekAt = offset;
  return skb;
}

/**
 * Copies a datagram of the receive queue, `data` at its first byte, from `home.peekAt` on, and takes it out unless MSG_PEEK is set.
 * Returns how many bytes were copied, with MSG_TRUNC how many there were. Fills in all of `msg` but the port.
 *
 * @kernel net/core/datagram.c skb_copy_datagram_iter()
 */
export function takeDatagram(
  sk: DatagramSock,
  skb: SkBuff,
  into: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  const at = sk.home.peekAt;
  sk.home.peekAt = 0;
  const copied = Math.min(length, skb.len - at);
  const answer = (flags & MSG_TRUNC) !== 0 ? skb.len : copied;
  skbCopyToBytes(skb, at, into, offset, copied);
  if (msg !== null) describe(sk, skb, msg, at + copied);
  skPeekOffsetFwd(sk, (flags & MSG_PEEK) === 0 ? -copied : copied);
  if ((flags & MSG_PEEK) === 0) {
    sk.receiveQueue.remove(skb);
    skb.consume();
  }
  return answer;
}

/** @kernel net/ipv4/ip_sockglue.c ip_cmsg_recv_offset() */
function describe(sk: DatagramSock, skb: SkBuff, msg: MsgHdr, end: number): void {
  msg.address = ip.saddr(skb);
  msg.flags = end < skb.len ? MSG_TRUNC : 0;
  msg.ttl = (sk.settings.cmsgFlags & IP_CMSG_TTL) !== 0 ? ip.ttl(skb) : -1;
  msg.stamp = sockWantsStamp(sk) ? skb.tstamp : 0;
  if ((sk.settings.cmsgFlags & IP_CMSG_PKTINFO) !== 0) {
    msg.ifindex = skb.dev?.ifindex ?? 0;
    msg.destination = ip.daddr(skb);
  }
  msg.tos = (sk.settings.cmsgFlags & IP_CMSG_TOS) !== 0 ? ip.tos(skb) : -1;
}
