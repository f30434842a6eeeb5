import {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
} from '@stack/sock';
import type { TcpSock } from '../sock.ts';
import { tcpSetState } from './set-state.ts';

/** By state: the state after the user's close. */
const next = new Int8Array(16);
next[TCP_ESTABLISHED] = next[TCP_SYN_RECV] = TCP_FIN_WAIT1;
next[TCP_SYN_SENT] = next[TCP_CLOSE] = next[TCP_LISTEN] = TCP_CLOSE;
next[TCP_FIN_WAIT1] = TCP_FIN_WAIT1;
next[TCP_FIN_WAIT2] = TCP_FIN_WAIT2;
next[TCP_CLOSE_WAIT] = next[TCP_LAST_ACK] = TCP_LAST_ACK;
next[TCP_CLOSING] = TCP_CLOSING;

/** The user sends no more. True when a FIN is due. @kernel net/ipv4/tcp.c tcp_close_state() @rfc 9293 3.10.4 */
export function tcpCloseState(sk: TcpSock): boolean {
  const { state } = sk;
  tcpSetState(sk, next[state]);
  return state === TCP_ESTABLISHED || state === TCP_SYN_RECV || state === TCP_CLOSE_WAIT;
}
