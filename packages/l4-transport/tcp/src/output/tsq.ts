import { type SkBuff } from '@stack/skb';
import { TASKLET_SOFTIRQ } from '@stack/softirq';
import { TCP_TSQ_DEFERRED, TSQ_QUEUED, TSQ_THROTTLED } from '../constants.ts';
import type { TcpProtocol } from '../protocol.ts';
import type { TcpSock } from '../sock.ts';

/**
 * A segment has left the host: its socket may go on if it was held back. This runs wherever the buffer was freed, so
 * it only puts the socket on a list.
 *
 * @kernel net/ipv4/tcp_output.c tcp_wfree()
 */
export function tcpWfree(skb: SkBuff): void {
  const sk = skb.sk as TcpSock;
  sk.wmemAlloc -= skb.truesize;
  if ((sk.deferred & TSQ_THROTTLED) === 0 || (sk.deferred & TSQ_QUEUED) !== 0) return;
  sk.deferred &= ~TSQ_THROTTLED;
  tsqSchedule(sk);
}

/** The socket goes on in a softirq. */
export function tsqSchedule(sk: TcpSock): void {
  if ((sk.deferred & TSQ_QUEUED) !== 0) return;
  sk.deferred |= TSQ_QUEUED;
  const { tcp } = sk;
  if (tcp.tsqLast === null) tcp.tsqFirst = sk;
  else tcp.tsqLast.tsqNext = sk;
  tcp.tsqLast = sk;
  tcp.cpus.boot.raiseSoftirqIrqoff(TASKLET_SOFTIRQ);
}

/** A segment without data has left the host. @kernel net/core/sock.c __sock_wfree() */
export function ackWfree(skb: SkBuff): void {
  (skb.sk as TcpSock).wmemAlloc -= skb.truesize;
}

/**
 * Lets the sockets go on whose segments have left the host; `go` sends for one of them.
 *
 * @kernel net/ipv4/tcp_output.c tcp_tsq_workfn()
 */
export function tcpTsqRun(tcp: TcpProtocol, go: (sk: TcpSock) => void): void {
  tcp.refresh();
  for (let sk = tcp.tsqFirst; sk !== null; sk = tcp.tsqFirst) {
    tcp.tsqFirst = sk.tsqNext;
    if (tcp.tsqFirst === null) tcp.tsqLast = null;
    sk.tsqNext = null;
    sk.deferred &= ~TSQ_QUEUED;
    if (sk.ownedByUser) sk.deferred |= TCP_TSQ_DEFERRED;
    else go(sk);
  }
}
