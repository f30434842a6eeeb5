import { ECONNREFUSED, ECONNRESET, EPIPE } from '@stack/plugin';
import { DropReason } from '@stack/skb';
import {
  RCV_SHUTDOWN,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
} from '@stack/sock';
import { tcpDoneWithError } from '../close/done.ts';
import { tcpSetState } from '../close/set-state.ts';
import { tcpSendAck } from '../output/send-ack.ts';
import type { TcpSock } from '../sock.ts';
import { tcpTimeWait } from '../timewait/time-wait.ts';
import { inetCskScheduleAck } from './quickack.ts';

/** The peer aborted the connection. @kernel net/ipv4/tcp_input.c tcp_reset() @rfc 9293 3.10.7.4 */
export function tcpReset(sk: TcpSock): void {
  let err = ECONNRESET;
  if (sk.state === TCP_SYN_SENT) err = ECONNREFUSED;
  else if (sk.state === TCP_CLOSE_WAIT) err = EPIPE;
  else if (sk.state === TCP_CLOSE) return;
  tcpDoneWithError(sk, err);
}

/**
 * The peer's FIN came in order. @kernel net/ipv4/tcp_input.c tcp_fin() @rfc 9293 3.10.7.4
 */
export function tcpFin(sk: TcpSock): void {
  inetCskScheduleAck(sk);
  sk.shutdown |= RCV_SHUTDOWN;
  sk.done = true;
  switch (sk.state) {
    case TCP_SYN_RECV:
    case TCP_ESTABLISHED:
      tcpSetState(sk, TCP_CLOSE_WAIT);
      sk.ack.pingpong = Math.max(sk.ack.pingpong, sk.tcp.sysctl.tcp_pingpong_thresh);
      break;
    case TCP_FIN_WAIT1: // both closed at once: ours is not acknowledged yet
      tcpSendAck(sk);
      tcpSetState(sk, TCP_CLOSING);
      break;
    case TCP_FIN_WAIT2:
      tcpSendAck(sk);
      tcpTimeWait(sk, TCP_TIME_WAIT, 0);
      break;
    default: // a FIN of before
      break;
  }
  const { disorder } = sk;
  if (disorder !== null) {
    disorder.ofo.dropAll(DropReason.SOCKET_CLOSE);
    disorder.count = 0;
    disorder.dsack = false;
  }
  if (!sk.dead) sk.stateChange();
}
