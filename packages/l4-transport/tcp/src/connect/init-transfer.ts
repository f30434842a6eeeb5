import { TCP_ESTABLISHED } from '@stack/sock';
import { TCP_INIT_CWND } from '../constants.ts';
import { tcpSetState } from '../close/set-state.ts';
import { tcpFastPathOn } from '../input/fast-path.ts';
import { tcpInitBufferSpace } from '../input/rcvbuf.ts';
import type { TcpSock } from '../sock.ts';
import { keepaliveTimeWhen } from '../timers/keepalive-times.ts';
import { resetKeepaliveTimer } from '../timers/arm.ts';

/** Time-out when the handshake gave no sample of the round trip. @kernel include/net/tcp.h TCP_TIMEOUT_FALLBACK @rfc 6298 5.7 */
const TCP_TIMEOUT_FALLBACK = 3000;

/** The handshake is done: the first window, congestion control, buffers. @kernel net/ipv4/tcp_input.c tcp_init_transfer() @rfc 5681 3.1 */
export function tcpInitTransfer(sk: TcpSock): void {
  const { cc, rtt, tcp } = sk;
  if (rtt.srtt === 0) {
    rtt.rttvar = rtt.mdev = rtt.mdevMax = TCP_TIMEOUT_FALLBACK * 1000;
    rtt.rto = TCP_TIMEOUT_FALLBACK;
  }
  // Its handshake had to be repeated more than once: begin carefully.
  cc.cwnd = cc.totalRetrans > 1 && cc.undoMarker !== 0 ? 1 : TCP_INIT_CWND;
  cc.cwndStamp = tcp.jiffies;
  cc.ops.init?.(sk);
  tcpInitBufferSpace(sk);
}

/** Our SYN was answered. @kernel net/ipv4/tcp_input.c tcp_finish_connect() */
export function tcpFinishConnect(sk: TcpSock): void {
  const { snd, tcp } = sk;
  tcpSetState(sk, TCP_ESTABLISHED);
  sk.ack.lrcvtime = tcp.jiffies;
  tcpInitTransfer(sk);
  snd.lsndtime = tcp.jiffies;
  if (sk.keepOpen) resetKeepaliveTimer(sk, keepaliveTimeWhen(sk));
  if (snd.wscale === 0) tcpFastPathOn(sk);
  else sk.predFlags = 0;
}
