import { DropReason, type SkBuff } from '@stack/skb';
import { TCP_ESTABLISHED, TCP_LISTEN } from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import type { Rtable } from '@stack/ipv4';
import { tcpRcvEstablished } from '../input/established.ts';
import { tcpRcvStateProcess } from '../input/rcv-state-process.ts';
import { cookieV4Check } from '../listen/syncookies.ts';
import { tcpChildProcess } from '../listen/child-process.ts';
import { Tcp } from '../mib.ts';
import { tcpV4SendReset } from '../reply/send-reset.ts';
import type { TcpSock } from '../sock.ts';

/** A segment for a socket that nobody is inside of. Owns the skb. @kernel net/ipv4/tcp_ipv4.c tcp_v4_do_rcv() */
export function tcpV4DoRcv(sk: TcpSock, skb: SkBuff): void {
  if (tracing.on) trace('tcp_v4_do_rcv', skb);
  if (sk.state === TCP_ESTABLISHED) {
    rememberRoute(sk, skb);
    tcpRcvEstablished(sk, skb);
    return;
  }
  if (sk.state === TCP_LISTEN) {
    const child = cookieV4Check(sk, skb);
    if (child === null) return; // the segment was no cookie's, and is gone
    if (child !== sk) {
      tcpChildProcess(sk, child, skb);
      return;
    }
  }
  const reason = tcpRcvStateProcess(sk, skb);
  if (reason === 0) return;
  tcpV4SendReset(sk.tcp, sk, skb);
  sk.tcp.mib.tcp[Tcp.InErrs] += reason === DropReason.TCP_CSUM ? 1 : 0;
  skb.drop(reason);
}

/** For early demux: the next packet of the connection takes the same way. */
function rememberRoute(sk: TcpSock, skb: SkBuff): void {
  const { dst, dev } = skb;
  if (dst === null || dev === null) return;
  sk.rxDst = dst as Rtable;
  sk.rxDstIfindex = dev.ifindex; // of the device it came in by: the route of what is ours is the loopback device's
}
