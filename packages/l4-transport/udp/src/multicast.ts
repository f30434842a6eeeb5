import { DropReason, ip, skbClone, udp as header, type SkBuff } from '@stack/skb';
import { udpChecksumIsRight } from './checksum.ts';
import { UDP_MIB_CSUMERRORS, UDP_MIB_IGNOREDMULTI, UDP_MIB_INERRORS } from './mib.ts';
import { udpQueueRcvSkb } from './queue.ts';
import type { UdpSock } from './udp-sock.ts';
import type { UdpState } from './udp-state.ts';
import { nextInChain } from './udp-table.ts';

/**
 * A multicast or broadcast datagram: every socket that wants it gets it.
 *
 * @kernel net/ipv4/udp.c __udp4_lib_mcast_deliver()
 */
export function udp4LibMcastDeliver(udp: UdpState, skb: SkBuff): void {
  const { counts } = udp.mib;
  // Clones share one checksum, so it is verified before they part.
  if (!udpChecksumIsRight(skb)) {
    counts[UDP_MIB_CSUMERRORS]++;
    counts[UDP_MIB_INERRORS]++;
    skb.drop(DropReason.UDP_CSUM);
    return;
  }
  let last: UdpSock | null = null;
  for (let sk = udp.table.first(header.dest(skb)); sk !== null; sk = nextInChain(sk)) {
    if (!isWanted(sk, skb)) continue;
    if (last !== null) udpQueueRcvSkb(last, skbClone(skb));
    last = sk;
  }
  if (last !== null) return udpQueueRcvSkb(last, skb);
  counts[UDP_MIB_IGNOREDMULTI]++;
  skb.consume();
}

/** @kernel net/ipv4/udp.c __udp_is_mcast_sock() */
function isWanted(sk: UdpSock, skb: SkBuff): boolean {
  return (
    sk.boundPort === header.dest(skb) &&
    (sk.rcvSaddr === 0 || sk.rcvSaddr === ip.daddr(skb)) &&
    (sk.daddr === 0 || sk.daddr === ip.saddr(skb)) &&
    (sk.dport === 0 || sk.dport === header.source(skb)) &&
    (sk.boundDevIf === 0 || sk.boundDevIf === skb.dev?.ifindex)
  );
}
