import { tcp as th, type SkBuff } from '@stack/skb';
import { tcpSyncMss } from '../output/mss.ts';
import { tcpSlowStartAfterIdleCheck } from '../recovery/cwnd-validate.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { urgentAcked } from '../urgent/send.ts';
import { tcpFastPathCheck } from './fast-path.ts';
import { FLAG_WIN_UPDATE } from './flags.ts';

/** Whether the segment is newer than the one that gave us the window. @kernel net/ipv4/tcp_input.c tcp_may_update_window() @rfc 9293 3.10.7.4 */
function tcpMayUpdateWindow(sk: TcpSock, ack: number, seq: number, window: number): boolean {
  const { snd } = sk;
  return after(ack, snd.una) || after(seq, snd.wl1) || (seq === snd.wl1 && (window > snd.wnd || window === 0));
}

/** Everything before `ack` has arrived. @kernel net/ipv4/tcp_input.c tcp_snd_una_update() */
export function tcpSndUnaUpdate(sk: TcpSock, ack: number): void {
  sk.snd.bytesAcked += (ack - sk.snd.una) | 0;
  sk.snd.una = ack;
  if (sk.urgent !== null) urgentAcked(sk.urgent, ack);
}

/** Takes over acknowledgment number and window. @kernel net/ipv4/tcp_input.c tcp_ack_update_window() */
export function tcpAckUpdateWindow(sk: TcpSock, skb: SkBuff, ack: number, seq: number): number {
  const { snd } = sk;
  let flag = 0;
  const field = th.window(skb);
  const window = (th.flags(skb) & th.SYN) !== 0 ? field : field << snd.wscale;
  if (tcpMayUpdateWindow(sk, ack, seq, window)) {
    flag = FLAG_WIN_UPDATE;
    snd.wl1 = seq;
    if (snd.wnd !== window) {
      snd.wnd = window;
      sk.predFlags = 0;
      tcpFastPathCheck(sk);
      if (sk.hasUnsent) tcpSlowStartAfterIdleCheck(sk);
      if (window > snd.maxWnd) {
        snd.maxWnd = window;
        tcpSyncMss(sk, snd.pmtu);
      }
    }
  }
  tcpSndUnaUpdate(sk, ack);
  return flag;
}
