import { SHUTDOWN_MASK, TCP_CLOSE, TCP_LISTEN, TCP_NEW_SYN_RECV, TCP_TIME_WAIT } from '@stack/sock';
import { dropRequest } from '../listen/request-queue.ts';
import type { TcpRequestSock } from '../listen/request-sock.ts';
import { inetCskListenStop } from '../listen/listen-start.ts';
import { releasePageFrag } from '../output/alloc.ts';
import type { TcpProtocol } from '../protocol.ts';
import type { TcpSock } from '../sock.ts';
import { inetTwskKill } from '../timewait/time-wait.ts';
import type { TcpTimewaitSock } from '../timewait/timewait-sock.ts';
import { inetCskDestroySock } from './done.ts';
import { tcpSetState } from './set-state.ts';

/** The host goes away: every listener, connection, request and TIME_WAIT ends without a word, and nothing is left. */
export function tcpAbortAll(tcp: TcpProtocol): void {
  for (const sk of [...tcp.hashinfo.lhash] as TcpSock[]) {
    tcpSetState(sk, TCP_CLOSE);
    inetCskListenStop(sk);
    inetCskDestroySock(sk);
  }
  for (const sk of [...tcp.hashinfo.ehash]) {
    if (sk.hash < 0 || sk.state === TCP_LISTEN) continue;
    if (sk.state === TCP_TIME_WAIT) inetTwskKill(sk as TcpTimewaitSock);
    else if (sk.state === TCP_NEW_SYN_RECV) dropRequest(sk as TcpRequestSock);
    else abortOne(sk as TcpSock);
  }
  for (const sk of tcp.ended) inetCskDestroySock(sk);
  releasePageFrag(tcp);
}

/** To its user it looks as if the peer had closed. */
function abortOne(sk: TcpSock): void {
  tcpSetState(sk, TCP_CLOSE);
  sk.done = true;
  sk.shutdown = SHUTDOWN_MASK;
  inetCskDestroySock(sk);
  sk.stateChange();
}
