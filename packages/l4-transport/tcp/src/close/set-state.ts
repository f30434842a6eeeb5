import {
  inetPutPort,
  inetUnhash,
  SOCK_BINDPORT_LOCK,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_SYN_RECV,
} from '@stack/sock';
import { Tcp } from '../mib.ts';
import type { TcpSock } from '../sock.ts';

/** Enters a state, with the counters and tables that go with it. @kernel net/ipv4/tcp.c tcp_set_state() @rfc 9293 3.3.2 */
export function tcpSetState(sk: TcpSock, state: number): void {
  const { hashinfo, mib } = sk.tcp;
  const { tcp } = mib;
  const old = sk.state;
  if (state === TCP_ESTABLISHED && old !== TCP_ESTABLISHED) tcp[Tcp.CurrEstab]++;
  if (state === TCP_CLOSE) {
    if (old === TCP_CLOSE_WAIT || old === TCP_ESTABLISHED) tcp[Tcp.EstabResets]++;
    inetUnhash(hashinfo, sk, old === TCP_LISTEN);
    if ((sk.userlocks & SOCK_BINDPORT_LOCK) === 0) inetPutPort(hashinfo, sk);
  }
  const counted = old === TCP_ESTABLISHED || old === TCP_CLOSE_WAIT;
  if (counted && state !== TCP_ESTABLISHED && state !== TCP_CLOSE_WAIT) tcp[Tcp.CurrEstab]--;
  if (state === TCP_CLOSE_WAIT && old === TCP_SYN_RECV) tcp[Tcp.CurrEstab]++;
  sk.state = state;
}
