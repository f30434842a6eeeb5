import type { SkBuff } from '@stack/skb';
import type { Proto } from '@stack/sock';
import { DatagramSock } from './datagram/datagram-sock.ts';
import { udpQueueRcvSkb } from './queue.ts';
import type { UdpState } from './udp-state.ts';

/** @kernel include/linux/udp.h struct udp_sock */
export class UdpSock extends DatagramSock<UdpState> {
  readonly proto: Proto<UdpSock>;
  /** SO_NO_CHECK: send without a checksum. */
  noCheckTx = false;
  /** UDP-Lite: bytes that the checksum covers when sending, 0 for all. */
  sendCoverage = 0;
  /** UDP-Lite: bytes that it must cover at least when receiving, 0 for all; -1 when the sender may choose. */
  receiveCoverage = -1;

  constructor(udp: UdpState) {
    super(udp);
    this.proto = udp.proto;
  }

  backlogRcv(skb: SkBuff): void {
    udpQueueRcvSkb(this, skb);
  }
}
