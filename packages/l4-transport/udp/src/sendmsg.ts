import { RTN_BROADCAST, RTN_MULTICAST, type Rtable } from '@stack/ipv4';
import { NET_XMIT_DROP } from '@stack/netdev';
import { EACCES, EDESTADDRREQ, EINVAL, EMSGSIZE, ENETUNREACH, ENOBUFS, EOPNOTSUPP } from '@stack/plugin';
import { udp as header, type SkBuff } from '@stack/skb';
import { inetAutobind, MSG_MORE, MSG_OOB, skbSetOwnerW, sockTxStamps, TCP_ESTABLISHED, type MsgHdr } from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { setChecksum } from './send-checksum.ts';
import { makeSkb } from './datagram/make-skb.ts';
import { tellWhenSent } from './datagram/tell-when-sent.ts';
import { mayNotSend } from './datagram/may-not-send.ts';
import { udpGetPort } from './bind.ts';
import { routeForSend } from './datagram/send-route.ts';
import { UDP_MIB_OUTDATAGRAMS, UDP_MIB_SNDBUFERRORS } from './mib.ts';
import type { UdpSock } from './udp-sock.ts';

const LARGEST_PACKET = 65_535;

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
  const unbound = inetAutobind(sk, udpGetPort);
  if (unbound !== 0) return unbound;
  if (length > LARGEST_PACKET) return -EMSGSIZE;
  if ((flags & (MSG_OOB | MSG_MORE)) !== 0) return -EOPNOTSUPP;
  const named = msg !== null && (msg.address !== 0 || msg.port !== 0);
  if (named ? msg.port === 0 : sk.state !== TCP_ESTABLISHED) return named ? -EINVAL : -EDESTADDRREQ;
  const stamps = sockTxStamps(sk, msg);
  if (stamps < 0) return stamps;
  const tos = msg !== null && msg.tos >= 0 ? msg.tos : sk.settings.tos;
  const route = routeForSend(sk, named ? msg : null, tos);
  if (route === null) return -ENETUNREACH;
  if (route.type === RTN_BROADCAST && !sk.settings.broadcast) return -EACCES;
  const refused = mayNotSend(sk, route, header.LENGTH + length);
  if (refused !== 0) return refused;
  const ttl = msg !== null && msg.ttl >= 0 ? msg.ttl : route.type === RTN_MULTICAST ? sk.mcTtl : sk.settings.ttl;
  const skb = makeSkb(sk.home, bytes, offset, length);
  if (skb === null) return -ENOBUFS;
  const error = tellWhenSent(sk, skb, flags, length, stamps);
  if (error < 0) {
    skb.consume();
    return error;
  }
  header.setSource(skb, sk.sport);
  header.setDest(skb, named ? msg.port : sk.dport);
  return udpSendSkb(sk, skb, route, ttl, length);
}

/** Checksum, and on to IP. `length` is that of the data. @kernel net/ipv4/udp.c udp_send_skb() */
function udpSendSkb(sk: UdpSock, skb: SkBuff, route: Rtable, ttl: number, length: number): number {
  if (tracing.on) trace('udp_send_skb', skb);
  const { flow, ip: output, mib } = sk.home;
  setChecksum(sk, skb, route, flow.saddr, flow.daddr);
  skb.priority = sk.settings.priority;
  skb.mark = sk.settings.mark;
  skbSetOwnerW(skb, sk);
  const result = output.sendDatagram(sk, skb, route, flow.saddr, flow.daddr, ttl, flow.tos);
  if (result === -ENOBUFS || result === NET_XMIT_DROP) {
    // A full queue is no error of the sender's: without IP_RECVERR, Linux does not tell.
    mib.counts[UDP_MIB_SNDBUFERRORS]++;
    return length;
  }
  if (result < 0) return result;
  mib.counts[UDP_MIB_OUTDATAGRAMS]++;
  return length;
}
