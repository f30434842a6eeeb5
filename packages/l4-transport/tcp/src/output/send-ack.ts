import { tcp as th } from '@stack/skb';
import { TCP_CLOSE } from '@stack/sock';
import { TCP_ATO_MIN } from '../constants.ts';
import { tcpDelackMax, tcpRtoMax } from '../rto.ts';
import { reflectEct } from '../ecn/send.ts';
import { before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { resetDelackTimer } from '../timers/arm.ts';
import { tcpWndEnd } from '../win.ts';
import { tcpInitNondataSkb, tcpStreamAllocSkb } from './alloc.ts';
import { __tcpTransmitSkb } from './transmit.ts';

/** A sequence number that the peer accepts even if it shrank its window. @kernel net/ipv4/tcp_output.c tcp_acceptable_seq() */
export function tcpAcceptableSeq(sk: TcpSock): number {
  const { snd } = sk;
  const end = tcpWndEnd(sk);
  if (!before(end, snd.nxt)) return snd.nxt;
  if (sk.opt.wscaleOk && ((snd.nxt - end) | 0) < 1 << sk.rcv.wscale) return snd.nxt;
  return end;
}

/** Sends a segment that only acknowledges. @kernel net/ipv4/tcp_output.c tcp_send_ack() */
export function tcpSendAck(sk: TcpSock): void {
  __tcpSendAck(sk, sk.rcv.nxt, 0);
}

/** The same in answer to a SYN: with accurate ECN it tells how the SYN came. @kernel net/ipv4/tcp_input.c tcp_send_ack_reflect_ect() @rfc 9768 3.2.2.1 */
export function tcpSendAckReflectEct(sk: TcpSock): void {
  __tcpSendAck(sk, sk.rcv.nxt, reflectEct(sk));
}

/** `flags` are those besides ACK. @kernel net/ipv4/tcp_output.c __tcp_send_ack() */
export function __tcpSendAck(sk: TcpSock, rcvNxt: number, flags: number): void {
  if (sk.state === TCP_CLOSE) return;
  const skb = tcpStreamAllocSkb(sk.tcp);
  if (skb === null) {
    const delay = tcpDelackMax(sk) * 2 ** sk.ack.retry;
    if (delay < tcpRtoMax(sk)) sk.ack.retry++;
    sk.ack.ato = TCP_ATO_MIN;
    resetDelackTimer(sk, sk.tcp.jiffies + delay);
    return;
  }
  tcpInitNondataSkb(skb, tcpAcceptableSeq(sk), th.ACK | flags, 0);
  __tcpTransmitSkb(sk, skb, false, rcvNxt);
}
