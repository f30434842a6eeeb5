import { DropReason } from '@stack/skb';
import { inetPutPort, SHUTDOWN_MASK, TCP_CLOSE, TCP_SYN_RECV, TCP_SYN_SENT } from '@stack/sock';
import { tcpFastopenActiveDisableOfoCheck } from '../fastopen/blackhole.ts';
import { reqskFastopenRemove } from '../fastopen/remove.ts';
import { Tcp } from '../mib.ts';
import { skWmemFreeSkb, tcpRtxQueueUnlinkAndFree } from '../flight.ts';
import { CHRONO_BUSY, tcpChronoStop } from '../stats/chrono.ts';
import type { TcpSock } from '../sock.ts';
import { clearXmitTimers } from '../timers/arm.ts';
import { tcpSetState } from './set-state.ts';

/** Forgets all that was to be sent. @kernel net/ipv4/tcp.c tcp_write_queue_purge() */
export function tcpWriteQueuePurge(sk: TcpSock): void {
  for (let skb = sk.writeQueue.shift(); skb !== null; skb = sk.writeQueue.shift()) skWmemFreeSkb(sk, skb);
  for (let skb = sk.rtxQueue.first; skb !== null; skb = sk.rtxQueue.first) tcpRtxQueueUnlinkAndFree(sk, skb);
  sk.loss.retransmitHint = null;
  sk.loss.sackHint = null;
  tcpChronoStop(sk, CHRONO_BUSY);
  sk.snd.packetsOut = 0;
  sk.rtt.backoff = 0;
}

/** Nobody needs the socket any more: gives everything back. @kernel net/ipv4/inet_connection_sock.c inet_csk_destroy_sock() */
export function inetCskDestroySock(sk: TcpSock): void {
  const { tcp } = sk;
  reqskFastopenRemove(sk, false);
  clearXmitTimers(sk);
  sk.cc.ops.release?.(sk);
  tcpWriteQueuePurge(sk);
  tcpFastopenActiveDisableOfoCheck(sk);
  sk.disorder?.ofo.dropAll(DropReason.SOCKET_CLOSE);
  inetPutPort(tcp.hashinfo, sk);
  if (sk.orphaned) {
    sk.orphaned = false;
    tcp.orphans--;
  }
  tcp.ended.delete(sk);
  sk.purge();
}

/** The connection is over. @kernel net/ipv4/tcp.c tcp_done() */
export function tcpDone(sk: TcpSock): void {
  if (sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV) sk.tcp.mib.tcp[Tcp.AttemptFails]++;
  tcpSetState(sk, TCP_CLOSE);
  clearXmitTimers(sk);
  reqskFastopenRemove(sk, false);
  sk.shutdown = SHUTDOWN_MASK;
  if (sk.dead) {
    inetCskDestroySock(sk);
    return;
  }
  sk.tcp.ended.add(sk);
  sk.stateChange();
}

/** Reports an error to the user and ends the connection. @kernel net/ipv4/tcp.c tcp_done_with_error() */
export function tcpDoneWithError(sk: TcpSock, err: number): void {
  sk.err = err;
  tcpWriteQueuePurge(sk);
  tcpDone(sk);
  if (!sk.dead) sk.errorReport();
}
