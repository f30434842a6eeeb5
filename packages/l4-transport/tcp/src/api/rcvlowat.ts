import { SOCK_RCVBUF_LOCK } from '@stack/sock';
import { tcpDataReady } from '../input/data-recv.ts';
import type { TcpSock } from '../sock.ts';
import { tcpSpaceFromWin } from '../win.ts';

/**
 * A reader waits for so many bytes, of which the receive buffer must hold twice as many: it grows for them, unless its
 * user has said how large it is.
 *
 * @kernel net/ipv4/tcp.c tcp_set_rcvlowat()
 */
export function tcpSetRcvlowat(sk: TcpSock, wanted: number): number {
  const locked = (sk.userlocks & SOCK_RCVBUF_LOCK) !== 0;
  const bytes = Math.min(wanted, (locked ? sk.rcvbuf : sk.tcp.sysctl.tcp_rmem[2]) >> 1);
  sk.change({ rcvlowat: bytes || 1 });
  tcpDataReady(sk);
  if (locked) return 0;
  const space = tcpSpaceFromWin(sk, bytes);
  if (space <= sk.rcvbuf) return 0;
  sk.rcvbuf = space;
  if (sk.rcv.windowClamp !== 0) sk.rcv.windowClamp = Math.max(sk.rcv.windowClamp, bytes);
  return 0;
}
