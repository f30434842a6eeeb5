import { EAGAIN } from '@stack/plugin';
import { DropReason, udp as header, type SkBuff } from '@stack/skb';
import { inetRecvError, MSG_ERRQUEUE, MSG_PEEK, type MsgHdr } from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { udpChecksumIsRight } from './checksum.ts';
import { peeked, takeDatagram } from './datagram/take.ts';
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
  if ((flags & MSG_ERRQUEUE) !== 0) return inetRecvError(sk, into, offset, length, msg);
  const error = sk.takeError();
  if (error !== 0) return error;
  const skb = peeked(sk, firstPacket(sk), flags);
  if (skb === null) return -EAGAIN;
  if (tracing.on) trace('udp_recvmsg', skb);
  if ((flags & MSG_PEEK) === 0) sk.home.mib.counts[UDP_MIB_INDATAGRAMS]++;
  if (msg !== null) msg.port = header.source(skb);
  return takeDatagram(sk, skb, into, offset, length, flags, msg);
}

/** The first datagram whose checksum is right; those before it are dropped. @kernel net/ipv4/udp.c first_packet_length() */
export function firstPacket(sk: UdpSock): SkBuff | null {
  const { counts } = sk.home.mib;
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
