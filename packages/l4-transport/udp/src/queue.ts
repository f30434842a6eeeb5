import { ENOBUFS, ENOMEM } from '@stack/plugin';
import { DropReason, udp as header, type SkBuff } from '@stack/skb';
import { skbSetOwnerR, skFilter, skRmemSchedule } from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { udpChecksumIsRight, udpCsumPullHeader } from './checksum.ts';
import { coversEnough } from './lite.ts';
import { UDP_MIB_CSUMERRORS, UDP_MIB_INERRORS, UDP_MIB_MEMERRORS, UDP_MIB_RCVBUFERRORS } from './mib.ts';
import type { UdpSock } from './udp-sock.ts';

/**
 * A datagram for this socket, `data` at the UDP header: filter, budget, queue.
 *
 * @kernel net/ipv4/udp.c udp_queue_rcv_skb()
 */
export function udpQueueRcvSkb(sk: UdpSock, skb: SkBuff): void {
  if (tracing.on) trace('udp_queue_rcv_skb', skb);
  const { counts } = sk.home.mib;
  if (sk.home.isLite && !coversEnough(sk, skb)) return refuse(sk, skb, DropReason.NOT_SPECIFIED);
  if (sk.settings.filter !== null) {
    if (!udpChecksumIsRight(skb)) {
      counts[UDP_MIB_CSUMERRORS]++;
      return refuse(sk, skb, DropReason.UDP_CSUM);
    }
    if (!skFilter(sk, skb, header.LENGTH)) return refuse(sk, skb, DropReason.SOCKET_FILTER);
  }
  udpCsumPullHeader(skb);
  const result = udpEnqueueScheduleSkb(sk, skb);
  if (result === 0) return;
  counts[result === -ENOMEM ? UDP_MIB_RCVBUFERRORS : UDP_MIB_MEMERRORS]++;
  refuse(sk, skb, result === -ENOMEM ? DropReason.SOCKET_RCVBUFF : DropReason.PROTO_MEM);
}

function refuse(sk: UdpSock, skb: SkBuff, reason: number): void {
  sk.home.mib.counts[UDP_MIB_INERRORS]++;
  sk.drops++;
  skb.drop(reason);
}

/**
 * 0, -ENOMEM when the socket's buffer has no room, -ENOBUFS when that of the whole protocol has none. One datagram always fits.
 *
 * @kernel net/ipv4/udp.c __udp_enqueue_schedule_skb()
 */
function udpEnqueueScheduleSkb(sk: UdpSock, skb: SkBuff): number {
  if (sk.rmemAlloc > 0 && sk.rmemAlloc + skb.truesize > sk.rcvbuf) return -ENOMEM;
  if (!skRmemSchedule(sk, skb.truesize)) return -ENOBUFS;
  skb.dst = null;
  skbSetOwnerR(skb, sk);
  sk.receiveQueue.push(skb);
  sk.dataReady();
  return 0;
}
