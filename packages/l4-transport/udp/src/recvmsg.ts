import { EAGAIN } from '@stack/plugin';
import { DropReason, ip, skbCopyToBytes, udp as header, type SkBuff } from '@stack/skb';
import { IP_CMSG_TOS, IP_CMSG_TTL, MSG_ERRQUEUE, MSG_PEEK, MSG_TRUNC, type MsgHdr } from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { udpChecksumIsRight } from './checksum.ts';
import { UDP_MIB_CSUMERRORS, UDP_MIB_INDATAGRAMS, UDP_MIB_INERRORS } from './mib.ts';
import type { UdpSock } from './udp-sock.ts';

/**
 * Takes the next datagram; what does not fit is lost, and MSG_TRUNC set in `msg`. How many bytes were copied (with
 * MSG_TRUNC among the flags: how long it was), or a negative errno.
 *
 * @kernel net/ipv4/udp.c udp_recvmsg()
 */
export function udpRecvmsg(
  sk: UdpSock,
  into: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  if ((flags & MSG_ERRQUEUE) !== 0) return -EAGAIN;
  const error = sk.takeError();
  if (error !== 0) return error;
  const skb = firstPacket(sk);
  if (skb === null) return -EAGAIN;
  if (tracing.on) trace('udp_recvmsg', skb);
  const copied = Math.min(length, skb.len);
  const answer = (flags & MSG_TRUNC) !== 0 ? skb.len : copied;
  skbCopyToBytes(skb, 0, into, offset, copied);
  if (msg !== null) describe(sk, skb, msg, copied);
  if (!skb.peeked) {
    skb.peeked = true;
    sk.udp.mib.counts[UDP_MIB_INDATAGRAMS]++;
  }
  if ((flags & MSG_PEEK) === 0) {
    sk.receiveQueue.remove(skb);
    skb.consume();
  }
  return answer;
}

/** The first datagram whose checksum is right; those before it are dropped. @kernel net/ipv4/udp.c first_packet_length() */
export function firstPacket(sk: UdpSock): SkBuff | null {
  const { counts } = sk.udp.mib;
  for (let skb = sk.receiveQueue.first; skb !== null; skb = sk.receiveQueue.first) {
    if (udpChecksumIsRight(skb)) return skb;
    counts[UDP_MIB_CSUMERRORS]++;
    counts[UDP_MIB_INERRORS]++;
    sk.drops++;
    sk.receiveQueue.remove(skb);
    skb.drop(DropReason.UDP_CSUM);
  }
  return null;
}

/** @kernel net/ipv4/ip_sockglue.c ip_cmsg_recv_offset() */
function describe(sk: UdpSock, skb: SkBuff, msg: MsgHdr, copied: number): void {
  msg.address = ip.saddr(skb);
  msg.port = header.source(skb);
  msg.flags = copied < skb.len ? MSG_TRUNC : 0;
  msg.ttl = (sk.cmsgFlags & IP_CMSG_TTL) !== 0 ? ip.ttl(skb) : -1;
  msg.tos = (sk.cmsgFlags & IP_CMSG_TOS) !== 0 ? ip.tos(skb) : -1;
}
