import { ipSkIgnoreDf, ipSkUsePmtu, IP_MAX_MTU, type Rtable } from '@stack/ipv4';
import { EAGAIN, EMSGSIZE, EPIPE } from '@stack/plugin';
import { ip } from '@stack/skb';
import { EMPTY_TRUESIZE, SEND_SHUTDOWN, SO_EE_ORIGIN_LOCAL, sockQueueErr } from '@stack/sock';
import type { DatagramSock } from './datagram-sock.ts';

/**
 * Why a socket may not send `length` bytes, with the transport header, along `route` now, or 0: they must fit, an error that waits
 * comes next, and there must be room in its budget.
 *
 * @kernel net/ipv4/ip_output.c __ip_append_data() @kernel net/core/sock.c sock_alloc_send_pskb()
 */
export function mayNotSend(sk: DatagramSock, route: Rtable, length: number): number {
  const options = sk.settings.ipOptions?.length ?? 0;
  const mtu = ipSkUsePmtu(sk) ? route.mtu() : route.dev.mtu;
  const most = ipSkIgnoreDf(sk) ? IP_MAX_MTU : mtu;
  if (length > most - ip.LENGTH - options) {
    ipLocalError(sk, EMSGSIZE, mtu - options);
    return -EMSGSIZE;
  }
  const error = sk.takeError();
  if (error !== 0) return error;
  if ((sk.shutdown & SEND_SHUTDOWN) !== 0) return -EPIPE;
  return sk.wmemAlloc >= sk.sndbuf ? -EAGAIN : 0;
}

/** An error of this host's own, for who wants to hear all. @kernel net/ipv4/ip_sockglue.c ip_local_error() */
function ipLocalError(sk: DatagramSock, errno: number, info: number): void {
  if (!sk.settings.recvErr) return;
  sockQueueErr(sk, {
    errno,
    origin: SO_EE_ORIGIN_LOCAL,
    info,
    address: sk.home.flow.daddr,
    port: sk.dport,
    truesize: EMPTY_TRUESIZE,
  });
}
