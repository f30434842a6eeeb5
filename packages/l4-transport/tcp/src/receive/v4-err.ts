import { EHOSTUNREACH, EPROTO } from '@stack/plugin';
import { icmp, type SkBuff } from '@stack/skb';
import {
  icmpUnreachErrno,
  icmpUnreachFatal,
  inetLookup,
  ipIcmpError,
  NR_ICMP_UNREACH,
  TCP_CLOSE,
  TCP_LISTEN,
  TCP_NEW_SYN_RECV,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
} from '@stack/sock';
import { tcpDoneWithError } from '../close/done.ts';
import { TCP_MTU_REDUCED_DEFERRED } from '../constants.ts';
import { dropRequest } from '../listen/request-queue.ts';
import type { TcpRequestSock } from '../listen/request-sock.ts';
import { TcpExt } from '../mib.ts';
import type { TcpProtocol } from '../protocol.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpV4MtuReduced } from './mtu-reduced.ts';

/**
 * An ICMP error about a segment of ours; `data` is at the IP header it quotes. An error ends a connection that is
 * being made; one that stands takes only note of it.
 *
 * @kernel net/ipv4/tcp_ipv4.c tcp_v4_err() @rfc 5927 4
 */
export function tcpV4Err(tcp: TcpProtocol, skb: SkBuff, type: number, code: number, info: number): void {
  const transport = (skb.u8(0) & 0x0f) << 2;
  if (skb.headlen < transport + 8) return;
  const saddr = skb.i32(12);
  const daddr = skb.i32(16);
  const dif = skb.dev === null ? 0 : skb.dev.ifindex;
  const found = inetLookup(tcp.hashinfo, daddr, skb.u16(transport + 2), saddr, skb.u16(transport), dif);
  if (found === null || found.state === TCP_TIME_WAIT) return;
  tcp.refresh();
  const err = errnoOf(type, code);
  if (found.state === TCP_NEW_SYN_RECV) {
    const request = found as TcpRequestSock;
    if (skb.i32(transport + 4) === request.sndIsn && err !== 0 && icmpUnreachFatal(code)) dropRequest(request);
    return;
  }
  toConnection(found as TcpSock, skb, transport, type, code, info, err);
}

/** `transport` is from the quoted IP header to that of TCP. */
function toConnection(
  sk: TcpSock,
  skb: SkBuff,
  transport: number,
  type: number,
  code: number,
  info: number,
  err: number,
): void {
  const { tcp } = sk;
  const seq = skb.i32(transport + 4);
  if (sk.state === TCP_CLOSE || sk.state === TCP_LISTEN) return;
  if (before(seq, sk.snd.una) || after(seq, sk.snd.nxt)) {
    tcp.mib.ext[TcpExt.OutOfWindowIcmps]++;
    return;
  }
  if (type === icmp.DEST_UNREACH && code === icmp.FRAG_NEEDED) {
    sk.loss.mtuInfo = info;
    if (sk.ownedByUser) sk.deferred |= TCP_MTU_REDUCED_DEFERRED;
    else tcpV4MtuReduced(sk);
    return;
  }
  if (err === 0) return;
  const opening = sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV;
  if (opening) ipIcmpError(sk, skb, err, type, code, info, transport);
  if (sk.ownedByUser) {
    tcp.mib.ext[TcpExt.LockDroppedIcmps]++;
    sk.errSoft = err;
  } else if (opening) {
    tcpDoneWithError(sk, err);
  } else if (sk.settings.recvErr) {
    sk.err = err;
    sk.errorReport();
  } else {
    sk.errSoft = err;
  }
}

/** 0 for what is no error to TCP. */
function errnoOf(type: number, code: number): number {
  switch (type) {
    case icmp.DEST_UNREACH:
      return code <= NR_ICMP_UNREACH && code !== icmp.FRAG_NEEDED ? icmpUnreachErrno(code) : 0;
    case icmp.TIME_EXCEEDED:
      return EHOSTUNREACH;
    case icmp.PARAMETER_PROBLEM:
      return EPROTO;
    default:
      return 0;
  }
}
