import { EINVAL, EOPNOTSUPP } from '@stack/plugin';
import { TCP_CLOSE, TCP_LISTEN } from '@stack/sock';
import * as name from '../api/option-names.ts';
import type { TcpSock } from '../sock.ts';
import { TFO_CLIENT_ENABLE, TFO_SERVER_ENABLE, TFO_SERVER_WO_SOCKOPT1 } from './bits.ts';
import { FastOpenKeys, tcpFastopenInitKeyOnce } from './keys.ts';

/** TCP_FASTOPEN, _CONNECT and _NO_COOKIE. @kernel net/ipv4/tcp.c do_tcp_setsockopt() */
export function setFastopen(sk: TcpSock, option: number, value: number): number {
  const { state } = sk;
  if (option === name.TCP_FASTOPEN) {
    if (value < 0 || (state !== TCP_CLOSE && state !== TCP_LISTEN)) return -EINVAL;
    tuneFastopenQueue(sk, value);
    return 0;
  }
  if (value !== 0 && value !== 1) return -EINVAL;
  if (option === name.TCP_FASTOPEN_NO_COOKIE) {
    if (state !== TCP_CLOSE && state !== TCP_LISTEN) return -EINVAL;
    sk.change({ fastopenNoCookie: value === 1 });
    return 0;
  }
  if ((sk.tcp.sysctl.tcp_fastopen & TFO_CLIENT_ENABLE) === 0) return -EOPNOTSUPP;
  if (state !== TCP_CLOSE) return -EINVAL;
  sk.change({ fastopenConnect: value === 1 });
  return 0;
}

/** How many connections may begin before their handshake ends. @kernel include/linux/tcp.h fastopen_queue_tune() */
function tuneFastopenQueue(sk: TcpSock, backlog: number): void {
  tcpFastopenInitKeyOnce(sk.tcp);
  sk.change({ fastopenBacklog: Math.min(backlog, sk.tcp.net.somaxconn) });
}

/** A listener that did not ask for Fast Open may have it all the same. @kernel net/ipv4/af_inet.c inet_listen() */
export function fastopenAtListen(sk: TcpSock, backlog: number): void {
  const wanted = TFO_SERVER_ENABLE | TFO_SERVER_WO_SOCKOPT1;
  if ((sk.tcp.sysctl.tcp_fastopen & wanted) === wanted && sk.settings.fastopenBacklog === 0)
    tuneFastopenQueue(sk, backlog);
}

/** One key of sixteen bytes, or two behind each other. @kernel net/ipv4/tcp.c do_tcp_setsockopt() */
export function setFastopenKey(sk: TcpSock, value: number | Uint8Array): number {
  const keys = typeof value === 'number' ? null : FastOpenKeys.fromBytes(value);
  if (keys === null) return -EINVAL;
  sk.change({ fastopenKeys: keys });
  return 0;
}

/** The socket's own; of those of the host it tells nothing. */
export function getFastopenKey(sk: TcpSock): Uint8Array {
  return sk.settings.fastopenKeys?.toBytes() ?? new Uint8Array(0);
}
