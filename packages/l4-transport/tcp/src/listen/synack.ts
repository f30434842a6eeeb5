import { tcp as th, type SkBuff } from '@stack/skb';
import type { Rtable } from '@stack/ipv4';
import { CHECKSUM_PARTIAL } from '@stack/skb';
import { csumFold, csumPseudo } from '@stack/memory';
import { MAX_TCP_OPTION_SPACE } from '../constants.ts';
import { synackAccecnSize } from '../ecn/accurate-option.ts';
import { INET_ECN_ECT_0, INET_ECN_MASK, INET_ECN_NOT_ECT } from '../ecn/codepoints.ts';
import { tcpCaNeedsEcn } from '../ecn/ecn-state.ts';
import { tcpEcnMakeSynack } from '../ecn/request.ts';
import type { FastOpenCookie } from '../fastopen/cookie.ts';
import { fastopenOptionSize } from '../fastopen/option.ts';
import { tcpMd5Lookup } from '../md5/keys.ts';
import { MD5_OPTION, tcpMd5Sign } from '../md5/sign.ts';
import { Tcp } from '../mib.ts';
import { OPTION_SACK_ADVERTISE, OPTION_TS, OPTION_WSCALE } from '../output/out-options.ts';
import { tcpOptionsWrite } from '../output/write-options.ts';
import type { TcpProtocol } from '../protocol.ts';
import { tcpSynackWindow, type TcpRequestSock } from './request-sock.ts';

const PROTO_TCP = 6;
const CHECK_OFFSET = 16;

/** Options of SYN-ACK: what the peer offered and we accept. Returns their size. @kernel net/ipv4/tcp_output.c tcp_synack_options() */
function tcpSynackOptions(
  tcp: TcpProtocol,
  request: TcpRequestSock,
  mss: number,
  cookie: FastOpenCookie | null,
): number {
  const { out } = tcp;
  out.clear();
  out.mss = mss;
  let size = 4;
  out.md5Key = tcpMd5Lookup(request.listener, request.daddr);
  if (out.md5Key !== null) {
    size += MD5_OPTION;
    if (request.sackOk) request.tstampOk = false; // no room for a block beside both
  }
  if (request.wscaleOk) {
    out.bits |= OPTION_WSCALE;
    out.wscale = request.rcvWscale;
    size += 4;
  }
  if (request.tstampOk) {
    out.bits |= OPTION_TS;
    out.tsval = (tcp.ms + request.tsOffset) | 0;
    if (request.tsvalFirst === 0) request.tsvalFirst = out.tsval ||= -1;
    request.tsvalLast = out.tsval;
    out.tsecr = request.tsRecent;
    size += 12;
  }
  if (request.sackOk) {
    out.bits |= OPTION_SACK_ADVERTISE;
    if (!request.tstampOk) size += 4;
  }
  if (request.accurate !== null && request.timeouts === 0 && tcp.sysctl.tcp_ecn_option !== 0)
    size += synackAccecnSize(out, MAX_TCP_OPTION_SPACE - size);
  return size + fastopenOptionSize(out, cookie, size);
}

/** @kernel net/ipv4/tcp_output.c tcp_make_synack() @rfc 9293 3.10.7.2 */
function tcpMakeSynack(
  tcp: TcpProtocol,
  request: TcpRequestSock,
  route: Rtable,
  cookie: FastOpenCookie | null,
): SkBuff | null {
  const room = tcp.ip.maxHeader + th.MAX_LENGTH;
  const skb = tcp.pool.alloc(room);
  if (skb === null) return null;
  const { userMss } = request.listener.settings;
  const mss = userMss !== 0 ? Math.min(userMss, route.advmss()) : route.advmss();
  const length = th.LENGTH + tcpSynackOptions(tcp, request, mss, cookie);
  skb.reserve(tcp.ip.maxHeader);
  const at = skb.put(length);
  skb.resetTransportHeader();
  th.setSource(skb, request.boundPort);
  th.setDest(skb, request.dport);
  th.setSeq(skb, request.sndIsn);
  th.setAckSeq(skb, request.rcvNxt);
  th.setLengthAndFlags(skb, length, th.SYN | th.ACK | tcpEcnMakeSynack(request));
  th.setWindow(skb, tcpSynackWindow(request));
  th.setUrgent(skb, 0);
  tcpOptionsWrite(skb.arena.view, at + th.LENGTH, tcp.out, null);
  if (tcp.out.md5Key !== null) tcpMd5Sign(skb, request.rcvSaddr, request.daddr, tcp.out.md5Key);
  th.setCheck(skb, csumFold(csumPseudo(request.rcvSaddr, request.daddr, length, PROTO_TCP)) ^ 0xffff);
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = at;
  skb.csumOffset = CHECK_OFFSET;
  skb.mark = request.mark;
  return skb;
}

/** Sends SYN-ACK, with a cookie if one is given. False when it could not leave. @kernel net/ipv4/tcp_ipv4.c tcp_v4_send_synack() */
export function tcpV4SendSynack(tcp: TcpProtocol, request: TcpRequestSock, cookie: FastOpenCookie | null): boolean {
  const { route, listener } = request;
  const skb = route === null ? null : tcpMakeSynack(tcp, request, route, cookie);
  if (skb === null) return false;
  tcp.mib.tcp[Tcp.OutSegs]++;
  const own = tcp.sysctl.tcp_reflect_tos ? request.synTos & ~INET_ECN_MASK : listener.settings.tos;
  const tos = own | (tcpCaNeedsEcn(listener) ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT);
  return tcp.ip.buildAndSendPkt(skb, listener, route!, request.rcvSaddr, request.daddr, tos) >= 0;
}
