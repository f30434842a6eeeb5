import { GSO_SIZE } from '../cb.ts';
import { TCP_CA_Loss } from '../constants.ts';
import { tcpCurrentSsthresh } from '../flight.ts';
import { tcpCurrentMss } from '../output/mss.ts';
import { tcpXmitRetransmitQueue } from '../output/retransmit.ts';
import type { TcpSock } from '../sock.ts';
import { tcpSetCaState } from './cwr.ts';
import { tcpMarkSkbLost } from './mark-lost.ts';

/** Sends again, without blaming congestion, what the path turned out to be too narrow for. @kernel net/ipv4/tcp_input.c tcp_simple_retransmit() */
export function tcpSimpleRetransmit(sk: TcpSock): void {
  const mss = tcpCurrentMss(sk);
  for (let skb = sk.rtxQueue.first; skb !== null; skb = skb.next) {
    if ((skb.cb[GSO_SIZE] || skb.len) > mss) tcpMarkSkbLost(sk, skb);
  }
  sk.loss.retransmitHint = null;
  if (sk.loss.lostOut > 0) tcpNonCongestionLossRetransmit(sk);
}

/** What is marked lost goes out again, and the window stays as it is. @kernel net/ipv4/tcp_input.c tcp_non_congestion_loss_retransmit() */
export function tcpNonCongestionLossRetransmit(sk: TcpSock): void {
  const { cc, loss } = sk;
  if (cc.state !== TCP_CA_Loss) {
    loss.highSeq = sk.snd.nxt;
    cc.ssthresh = tcpCurrentSsthresh(sk);
    loss.priorSsthresh = 0;
    loss.undoMarker = 0;
    tcpSetCaState(sk, TCP_CA_Loss);
  }
  tcpXmitRetransmitQueue(sk);
}
