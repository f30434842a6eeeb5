import { RTN_BROADCAST, RTN_MULTICAST, type Rtable } from '@stack/ipv4';
import { EACCES, EAGAIN, EDESTADDRREQ, EINVAL, EMSGSIZE, ENETUNREACH, ENOBUFS, EOPNOTSUPP, EPIPE } from '@stack/plugin';
import { ip, udp as header } from '@stack/skb';
import {
  inetAutobind,
  MSG_MORE,
  MSG_OOB,
  SEND_SHUTDOWN,
  skbSetOwnerW,
  TCP_ESTABLISHED,
  type MsgHdr,
} from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { setChecksum } from './send-checksum.ts';
import { makeSkb } from './make-skb.ts';
import { udpGetPort } from './bind.ts';
import { UDP_MIB_OUTDATAGRAMS, UDP_MIB_SNDBUFERRORS } from './mib.ts';
import type { UdpSock } from './udp-sock.ts';

const LARGEST_PACKET = 65_535;
const INADDR_LOOPBACK = 0x7f000001;

/**
 * Sends one datagram: to `msg`'s address, or to the connected peer. How many bytes were sent, or a negative errno.
 *
 * @kernel net/ipv4/udp.c udp_sendmsg()
 */
export function udpSendmsg(
  sk: UdpSock,
  bytes: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  if (length > LARGEST_PACKET) return -EMSGSIZE;
  if ((flags & (MSG_OOB | MSG_MORE)) !== 0) return -EOPNOTSUPP;
  const named = msg !== null && (msg.address !== 0 || msg.port !== 0);
  if (named ? msg.port === 0 : sk.state !== TCP_ESTABLISHED) return named ? -EINVAL : -EDESTADDRREQ;
  const refused = mayNotSend(sk);
  if (refused !== 0) return refused;
  const daddr = named ? msg.address || sk.saddr || INADDR_LOOPBACK : sk.daddr;
  const tos = msg !== null && msg.tos >= 0 ? msg.tos : sk.tos;
  const route = named ? routeTo(sk, daddr, tos) : sk.udp.ip.skDstCheck(sk);
  if (route === null) return -ENETUNREACH;
  if (route.type === RTN_BROADCAST && !sk.broadcast) return -EACCES;
  if (length + header.LENGTH + ip.LENGTH + (sk.ipOptions?.length ?? 0) > LARGEST_PACKET) return -EMSGSIZE;
  const dport = named ? msg.port : sk.dport;
  const ttl = msg !== null && msg.ttl >= 0 ? msg.ttl : route.type === RTN_MULTICAST ? sk.mcTtl : sk.ttl;
  return send(sk, bytes, offset, length, route, daddr, dport, ttl, tos);
}

/** A port is needed to send; an error that waits comes first. */
function mayNotSend(sk: UdpSock): number {
  const unbound = inetAutobind(sk, udpGetPort);
  if (unbound !== 0) return unbound;
  const error = sk.takeError();
  if (error !== 0) return error;
  if ((sk.shutdown & SEND_SHUTDOWN) !== 0) return -EPIPE;
  return sk.wmemAlloc >= sk.sndbuf ? -EAGAIN : 0;
}

/** The route for a datagram that names its peer: mostly the one before, as long as the socket has no peer of its own. */
function routeTo(sk: UdpSock, daddr: number, tos: number): Rtable | null {
  const last = sk.dstCache;
  const keeps = sk.state !== TCP_ESTABLISHED && tos === sk.tos;
  if (keeps && last !== null && sk.lastDaddr === daddr && !last.obsolete) return last;
  const { flow, ip: output } = sk.udp;
  const toGroup = daddr >>> 28 === 0xe;
  flow.daddr = daddr;
  flow.saddr = sk.saddr;
  flow.tos = tos;
  flow.mark = sk.mark;
  flow.oif = sk.boundDevIf || (toGroup ? sk.mcIndex : 0);
  const route = output.routeOutput(flow);
  if (keeps) {
    sk.dstCache = route;
    sk.lastDaddr = daddr;
  }
  return route;
}

function send(
  sk: UdpSock,
  bytes: Uint8Array,
  offset: number,
  length: number,
  route: Rtable,
  daddr: number,
  dport: number,
  ttl: number,
  tos: number,
): number {
  const { udp } = sk;
  const skb = makeSkb(udp, bytes, offset, length);
  if (skb === null) return -ENOBUFS;
  if (tracing.on) trace('udp_send_skb', skb);
  const saddr = sk.saddr || route.source;
  header.setSource(skb, sk.sport);
  header.setDest(skb, dport);
  setChecksum(sk, skb, route, saddr, daddr);
  skb.priority = sk.priority;
  skb.mark = sk.mark;
  skbSetOwnerW(skb, sk);
  const result = udp.ip.sendDatagram(sk, skb, route, saddr, daddr, ttl, tos);
  if (result === -ENOBUFS) {
    // A full queue is no error of the sender's: without IP_RECVERR, Linux does not tell.
    udp.mib.counts[UDP_MIB_SNDBUFERRORS]++;
    return length;
  }
  if (result < 0) return result;
  udp.mib.counts[UDP_MIB_OUTDATAGRAMS]++;
  return length;
}
