import { csumFold } from '@stack/memory';
import { IP_MAX_MTU, RTN_BROADCAST, RTN_MULTICAST } from '@stack/ipv4';
import { EACCES, EDESTADDRREQ, EINVAL, EMSGSIZE, ENETUNREACH, ENOBUFS, EOPNOTSUPP } from '@stack/plugin';
import { icmp, skbChecksum, type SkBuff } from '@stack/skb';
import { inetAutobind, MSG_MORE, MSG_OOB, skbSetOwnerW, sockTxStamps, TCP_ESTABLISHED, type MsgHdr } from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { makeSkb } from '../datagram/make-skb.ts';
import { tellWhenSent } from '../datagram/tell-when-sent.ts';
import { mayNotSend } from '../datagram/may-not-send.ts';
import { routeForSend } from '../datagram/send-route.ts';
import { pingGetPort } from './ping-port.ts';
import type { PingSock } from './ping-sock.ts';

/**
 * Sends an echo request: the bytes are an ICMP header with its data. The identifier becomes the socket's own, and the
 * checksum is made. How many bytes were sent, or a negative errno; -EINVAL for anything but an echo request.
 *
 * @kernel net/ipv4/ping.c ping_v4_sendmsg()
 */
export function pingV4Sendmsg(
  sk: PingSock,
  bytes: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  const unbound = inetAutobind(sk, pingGetPort);
  if (unbound !== 0) return unbound;
  if (length > IP_MAX_MTU) return -EMSGSIZE;
  if ((flags & (MSG_OOB | MSG_MORE)) !== 0) return -EOPNOTSUPP;
  if (length < icmp.LENGTH || bytes[offset] !== icmp.ECHO || bytes[offset + 1] !== 0) return -EINVAL;
  const named = msg !== null && msg.address !== 0;
  if (!named && sk.state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
  const stamps = sockTxStamps(sk, msg);
  if (stamps < 0) return stamps;
  const route = routeForSend(sk, named ? msg : null, msg !== null && msg.tos >= 0 ? msg.tos : sk.settings.tos);
  if (route === null) return -ENETUNREACH;
  if (route.type === RTN_BROADCAST && !sk.settings.broadcast) return -EACCES;
  const refused = mayNotSend(sk, route, length);
  if (refused !== 0) return refused;
  const skb = makeSkb(sk.home, bytes, offset + icmp.LENGTH, length - icmp.LENGTH);
  if (skb === null) return -ENOBUFS;
  if (tracing.on) trace('ping_v4_sendmsg', skb);
  tellWhenSent(sk, skb, 0, length, stamps);
  fillIn(sk, skb, (bytes[offset + 6] << 8) | bytes[offset + 7]);
  skbSetOwnerW(skb, sk);
  const ttl = msg !== null && msg.ttl >= 0 ? msg.ttl : route.type === RTN_MULTICAST ? sk.mcTtl : sk.settings.ttl;
  const { flow, ip: output } = sk.home;
  sk.home.countEcho();
  const result = output.sendDatagram(sk, skb, route, flow.saddr, flow.daddr, ttl, flow.tos);
  return result < 0 && result !== -ENOBUFS ? result : length;
}

function fillIn(sk: PingSock, skb: SkBuff, sequence: number): void {
  icmp.setType(skb, icmp.ECHO);
  icmp.setCode(skb, 0);
  icmp.setId(skb, sk.boundPort);
  icmp.setSequence(skb, sequence);
  icmp.setCheck(skb, 0);
  icmp.setCheck(skb, csumFold(skbChecksum(skb, 0, skb.len, 0)));
}
