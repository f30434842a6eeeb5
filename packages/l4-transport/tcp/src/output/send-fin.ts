import { tcp as th, type SkBuff } from '@stack/skb';
import { skWmemQueuedAdd } from '@stack/sock';
import { END_SEQ, FLAGS } from '../cb.ts';
import { TCP_NAGLE_OFF } from '../constants.ts';
import { Tcp, TcpExt } from '../mib.ts';
import { CHRONO_BUSY, tcpChronoStart } from '../stats/chrono.ts';
import type { TcpSock } from '../sock.ts';
import { tcpInitNondataSkb, tcpStreamAllocSkb } from './alloc.ts';
import { tcpCurrentMss } from './mss.ts';
import { __tcpPushPendingFrames } from './push.ts';
import { tcpAcceptableSeq } from './send-ack.ts';
import { tcpTransmitSkb } from './transmit.ts';

/** Puts a buffer without data at the end of the write queue. @kernel net/ipv4/tcp_output.c tcp_queue_skb() */
export function tcpQueueSkb(sk: TcpSock, skb: SkBuff): void {
  sk.snd.writeSeq = skb.cb[END_SEQ];
  sk.writeQueue.push(skb);
  tcpChronoStart(sk, CHRONO_BUSY);
  skWmemQueuedAdd(sk, skb.truesize);
}

/** Sends FIN: with the last data if they wait, else by itself. @kernel net/ipv4/tcp_output.c tcp_send_fin() @rfc 9293 3.10.4 */
export function tcpSendFin(sk: TcpSock): void {
  const tail = sk.writeQueue.last;
  if (tail !== null) {
    tail.cb[FLAGS] |= th.FIN;
    tail.cb[END_SEQ]++;
    sk.snd.writeSeq = (sk.snd.writeSeq + 1) | 0;
  } else {
    const skb = tcpStreamAllocSkb(sk.tcp);
    if (skb === null) return;
    tcpInitNondataSkb(skb, sk.snd.writeSeq, th.ACK | th.FIN, 1);
    tcpQueueSkb(sk, skb);
  }
  __tcpPushPendingFrames(sk, tcpCurrentMss(sk), TCP_NAGLE_OFF);
}

/** Aborts the connection in the peer's eyes. @kernel net/ipv4/tcp_output.c tcp_send_active_reset() @rfc 9293 3.10.5 */
export function tcpSendActiveReset(sk: TcpSock): void {
  const { mib } = sk.tcp;
  mib.tcp[Tcp.OutRsts]++;
  const skb = tcpStreamAllocSkb(sk.tcp);
  if (skb === null) {
    mib.ext[TcpExt.TCPAbortFailed]++;
    return;
  }
  tcpInitNondataSkb(skb, tcpAcceptableSeq(sk), th.ACK | th.RST, 0);
  sk.tcp.refresh();
  if (tcpTransmitSkb(sk, skb, false) !== 0) mib.ext[TcpExt.TCPAbortFailed]++;
}
