import { ip, skbCopyToBytes, type SkBuff } from '@stack/skb';
import { IP_CMSG_PKTINFO, IP_CMSG_TOS, IP_CMSG_TTL, MSG_PEEK, MSG_TRUNC, type MsgHdr } from '@stack/sock';
import type { DatagramSock } from './datagram-sock.ts';

/**
 * Copies a datagram of the receive queue, `data` at its first byte, and takes it out unless MSG_PEEK is set. Returns how
 * many bytes were copied, with MSG_TRUNC how many there were. Fills in all of `msg` but the port.
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
  const copied = Math.min(length, skb.len);
  const answer = (flags & MSG_TRUNC) !== 0 ? skb.len : copied;
  skbCopyToBytes(skb, 0, into, offset, copied);
  if (msg !== null) describe(sk, skb, msg, copied);
  skb.peeked = true;
  if ((flags & MSG_PEEK) === 0) {
    sk.receiveQueue.remove(skb);
    skb.consume();
  }
  return answer;
}

/** @kernel net/ipv4/ip_sockglue.c ip_cmsg_recv_offset() */
function describe(sk: DatagramSock, skb: SkBuff, msg: MsgHdr, copied: number): void {
  msg.address = ip.saddr(skb);
  msg.flags = copied < skb.len ? MSG_TRUNC : 0;
  msg.ttl = (sk.settings.cmsgFlags & IP_CMSG_TTL) !== 0 ? ip.ttl(skb) : -1;
  msg.stamp = sk.settings.rxStamp === 0 ? 0 : skb.tstamp;
  if ((sk.settings.cmsgFlags & IP_CMSG_PKTINFO) !== 0) {
    msg.ifindex = skb.dev?.ifindex ?? 0;
    msg.destination = ip.daddr(skb);
  }
  msg.tos = (sk.settings.cmsgFlags & IP_CMSG_TOS) !== 0 ? ip.tos(skb) : -1;
}
