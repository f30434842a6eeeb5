import { TCP_CA_Loss } from '../constants.ts';
import { tcpCurrentSsthresh, tcpIsReno } from '../flight.ts';
import { tcpCurrentMss } from '../output/mss.ts';
import { tcpXmitRetransmitQueue } from '../output/retransmit.ts';
import type { TcpSock } from '../sock.ts';
import { tcpSetCaState } from './cwr.ts';
import { tcpMarkSkbLost } from './mark-lost.ts';

/** Segments too large for the path are lost, without the network being congested. @kernel net/ipv4/tcp_input.c tcp_simple_retransmit() */
export function tcpSimpleRetransmit(sk: TcpSock): void {
  const { cc } = sk;
  const mss = tcpCurrentMss(sk);
  for (let skb = sk.rtxQueue.first; skb !== null; skb = skb.next) if (skb.len > mss) tcpMarkSkbLost(sk, skb);
  sk.retransmitHint = null;
  if (cc.lostOut === 0) return;
  if (tcpIsReno(sk)) cc.sackedOut = Math.min(cc.sackedOut, sk.snd.packetsOut - cc.lostOut);
  if (cc.state !== TCP_CA_Loss) {
    cc.highSeq = sk.snd.nxt;
    cc.ssthresh = tcpCurrentSsthresh(sk);
    cc.priorSsthresh = 0;
    cc.undoMarker = 0;
    tcpSetCaState(sk, TCP_CA_Loss);
  }
  tcpXmitRetransmitQueue(sk);
}
