import { tcp as th } from '@stack/skb';
import { FLAGS } from '../cb.ts';
import { tcpEcnSendSynack } from '../ecn/open.ts';
import type { TcpSock } from '../sock.ts';
import { tcpTransmitSkb } from './transmit.ts';

/** The SYN that waits in the queue goes out again, with ACK. @kernel net/ipv4/tcp_output.c tcp_send_synack() */
export function sendSynackSimultaneous(sk: TcpSock): void {
  const skb = sk.rtxQueue.first;
  if (skb === null || (skb.cb[FLAGS] & th.SYN) === 0) return;
  skb.cb[FLAGS] |= th.ACK;
  tcpEcnSendSynack(sk, skb);
  tcpTransmitSkb(sk, skb, true);
}
