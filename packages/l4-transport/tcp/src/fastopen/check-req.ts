import { DropReason, tcp as th, type SkBuff } from '@stack/skb';
import { FLAGS, SEQ } from '../cb.ts';
import { tcpOowRateLimited } from '../input/challenge.ts';
import { tcpReset } from '../input/reset.ts';
import { inRequestWindow, keepStamp, pawsPass, reqskSendAck } from '../listen/check-req.ts';
import type { TcpRequestSock } from '../listen/request-sock.ts';
import { resendSynack } from '../listen/request-timer.ts';
import { Tcp, TcpExt } from '../mib.ts';
import { tcpV4SendReset } from '../reply/send-reset.ts';
import type { TcpSock } from '../sock.ts';
import { reqskFastopenRemove } from './remove.ts';

/**
 * A segment for a connection whose SYN-ACK has not been acknowledged. True when the state machine may have it; false
 * when it has been dealt with, and is gone.
 *
 * @kernel net/ipv4/tcp_minisocks.c tcp_check_req()
 */
export function tcpFastopenCheckReq(sk: TcpSock, skb: SkBuff, request: TcpRequestSock): boolean {
  const { tcp } = sk;
  let flags = skb.cb[FLAGS] & (th.RST | th.SYN | th.ACK);
  const inOrder = pawsPass(request, skb);
  if (skb.cb[SEQ] === request.rcvIsn && flags === th.SYN && inOrder) {
    if (!tcpOowRateLimited(tcp, skb, TcpExt.TCPACKSkippedSynRecv, request)) resendSynack(request, sk);
    return gone(skb, DropReason.TCP_FASTOPEN);
  }
  if (!inOrder || !inRequestWindow(request, skb)) {
    if ((flags & th.RST) === 0 && !tcpOowRateLimited(tcp, skb, TcpExt.TCPACKSkippedSynRecv, request))
      reqskSendAck(request, sk, skb);
    if (!inOrder) tcp.mib.ext[TcpExt.PAWSEstab]++;
    return gone(skb, inOrder ? DropReason.TCP_OVERWINDOW : DropReason.TCP_RFC7323_PAWS);
  }
  keepStamp(request, skb);
  if (skb.cb[SEQ] === request.rcvIsn) flags &= ~th.SYN;
  if ((flags & (th.RST | th.SYN)) !== 0) tcp.mib.tcp[Tcp.AttemptFails]++;
  if ((flags & th.RST) !== 0) {
    reqskFastopenRemove(sk, true);
    tcpReset(sk);
    return gone(skb, DropReason.TCP_RESET);
  }
  if ((flags & th.SYN) !== 0) {
    tcpV4SendReset(tcp, sk, skb);
    return gone(skb, DropReason.TCP_INVALID_SYN);
  }
  return (flags & th.ACK) !== 0 || gone(skb, DropReason.TCP_FASTOPEN);
}

function gone(skb: SkBuff, reason: number): false {
  skb.drop(reason);
  return false;
}
