import { csumFold, csumPseudo } from '@stack/memory';
import { CHECKSUM_PARTIAL, ip, tcp as th, type SkBuff } from '@stack/skb';
import { INET_ECN_MASK } from '../ecn/codepoints.ts';
import { tcpMd5Lookup } from '../md5/keys.ts';
import { MD5_OPTION, tcpMd5Sign, writeMd5Option } from '../md5/sign.ts';
import { Tcp } from '../mib.ts';
import type { TcpProtocol } from '../protocol.ts';
import type { TcpSock } from '../sock.ts';

const PROTO_TCP = 6;
const CHECK_OFFSET = 16;

/** A RST in answer to a segment that has no place; never to a RST. Only reads the skb. @kernel net/ipv4/tcp_ipv4.c tcp_v4_send_reset() @rfc 9293 3.10.7.1 */
export function tcpV4SendReset(tcp: TcpProtocol, sk: TcpSock | null, skb: SkBuff): void {
  const flags = th.flags(skb);
  if ((flags & th.RST) !== 0) return;
  const acks = (flags & th.ACK) !== 0;
  const length = skb.len - th.headerLength(skb) + ((flags & th.SYN) !== 0 ? 1 : 0) + ((flags & th.FIN) !== 0 ? 1 : 0);
  const seq = acks ? th.ackSeq(skb) : 0;
  const ackSeq = acks ? 0 : (th.seq(skb) + length) | 0;
  const key = sk === null ? null : tcpMd5Lookup(sk, ip.saddr(skb));
  const header = th.LENGTH + (key === null ? 0 : MD5_OPTION);
  const reply = headerOf(tcp, skb, header);
  if (reply === null) return;
  th.setSeq(reply, seq);
  th.setAckSeq(reply, ackSeq);
  th.setLengthAndFlags(reply, header, acks ? th.RST : th.RST | th.ACK);
  if (key !== null) sign(skb, reply, key);
  send(tcp, skb, reply, ip.tos(skb) & ~INET_ECN_MASK);
  tcp.mib.tcp[Tcp.OutSegs]++;
  tcp.mib.tcp[Tcp.OutRsts]++;
}

/** Signs an answer to `skb`, in the first of its options. */
export function sign(skb: SkBuff, reply: SkBuff, key: Uint8Array): void {
  writeMd5Option(reply.arena.view, reply.transportHeader + th.LENGTH);
  tcpMd5Sign(reply, ip.daddr(skb), ip.saddr(skb), key);
}

/** An empty answer to `skb`, with room for `length` bytes of header, ports turned round. Null without memory. */
export function headerOf(tcp: TcpProtocol, skb: SkBuff, length: number): SkBuff | null {
  const reply = tcp.pool.alloc(tcp.ip.maxHeader + length);
  if (reply === null) return null;
  reply.reserve(tcp.ip.maxHeader);
  const at = reply.put(length);
  reply.arena.u8.fill(0, at, at + length);
  reply.resetTransportHeader();
  th.setSource(reply, th.dest(skb));
  th.setDest(reply, th.source(skb));
  return reply;
}

/** Sends an answer back where `skb` came from. */
export function send(tcp: TcpProtocol, skb: SkBuff, reply: SkBuff, tos: number): void {
  const pseudo = csumPseudo(ip.daddr(skb), ip.saddr(skb), reply.len, PROTO_TCP);
  reply.ipSummed = CHECKSUM_PARTIAL;
  reply.csumStart = reply.transportHeader;
  reply.csumOffset = CHECK_OFFSET;
  th.setCheck(reply, csumFold(pseudo) ^ 0xffff);
  tcp.ip.sendUnicastReply(skb, reply, PROTO_TCP, tos);
}
