import type { SkBuff } from '@stack/skb';
import { Sock, SOCK_DGRAM, type Proto } from '@stack/sock';
import { udpQueueRcvSkb } from './queue.ts';
import type { UdpState } from './udp-state.ts';

/** @kernel include/linux/udp.h struct udp_sock */
export class UdpSock extends Sock {
  readonly proto: Proto<UdpSock>;
  readonly udp: UdpState;
  /** SO_NO_CHECK: send without a checksum. */
  noCheckTx = false;
  /** UDP-Lite: bytes that the checksum covers when sending, 0 for all. */
  sendCoverage = 0;
  /** UDP-Lite: bytes that it must cover at least when receiving, 0 for all; -1 when the sender may choose. */
  receiveCoverage = -1;
  /** Of multicast datagrams sent: TTL, and device (ifindex). */
  mcTtl = 1;
  mcIndex = 0;
  /** To and from whom the last datagram went that named its peer: `dstCache` is the way, unless connected. */
  lastDaddr = 0;
  lastSaddr = 0;

  constructor(udp: UdpState) {
    super(SOCK_DGRAM, udp.protocol, udp.table.net.rmemDefault, udp.table.net.wmemDefault, udp.memory);
    this.udp = udp;
    this.proto = udp.proto;
  }

  backlogRcv(skb: SkBuff): void {
    udpQueueRcvSkb(this, skb);
  }
}
