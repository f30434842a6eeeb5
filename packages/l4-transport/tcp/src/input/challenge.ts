import { tcp as th, type SkBuff } from '@stack/skb';
import { END_SEQ, SEQ } from '../cb.ts';
import { TCP_MAX_QUICKACKS } from '../constants.ts';
import { tcpIsReno } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { tcpSendAck, tcpSendAckReflectEct } from '../output/send-ack.ts';
import type { TcpProtocol } from '../protocol.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpEnterQuickackMode } from './quickack.ts';
import { tcpDsackSet } from './sack-blocks.ts';
import { disorderOf } from './sack-blocks.ts';

/**
 * Whether an answer to a segment out of window would come too soon after the last one: two hosts that answer each
 * other would go on for ever. Data are always answered.
 *
 * @kernel net/ipv4/tcp_input.c tcp_oow_rate_limited()
 */
export function tcpOowRateLimited(
  tcp: TcpProtocol,
  skb: SkBuff,
  counter: number,
  state: { lastOowTime: number },
): boolean {
  const syn = (th.flags(skb) & th.SYN) !== 0;
  if (skb.cb[SEQ] !== skb.cb[END_SEQ] && !syn) return false;
  return oowLimited(tcp, counter, state);
}

/** @kernel net/ipv4/tcp_input.c __tcp_oow_rate_limited() */
function oowLimited(tcp: TcpProtocol, counter: number, state: { lastOowTime: number }): boolean {
  if (state.lastOowTime !== 0) {
    const elapsed = tcp.jiffies - state.lastOowTime;
    if (elapsed >= 0 && elapsed < tcp.sysctl.tcp_invalid_ratelimit) {
      tcp.mib.ext[counter]++;
      return true;
    }
  }
  state.lastOowTime = tcp.jiffies || 1;
  return false;
}

/** Asks the peer whether it means it: a forged segment is answered like a true one, and tells nothing. `syn`: it was a SYN. @kernel net/ipv4/tcp_input.c tcp_send_challenge_ack() @rfc 5961 7 */
export function tcpSendChallengeAck(sk: TcpSock, syn: boolean): void {
  const { tcp } = sk;
  if (oowLimited(tcp, TcpExt.TCPACKSkippedChallenge, disorderOf(sk))) return;
  const { tcp_challenge_ack_limit: limit } = tcp.sysctl;
  if (limit !== 0x7fffffff) {
    const second = Math.floor(tcp.jiffies / 1000);
    if (second !== tcp.challengeSecond) {
      tcp.challengeSecond = second;
      tcp.challengeCount = ((limit + 1) >> 1) + tcp.random.below(Math.max(limit, 1));
    }
    if (tcp.challengeCount === 0) return;
    tcp.challengeCount--;
  }
  tcp.mib.ext[TcpExt.TCPChallengeACK]++;
  if (syn) tcpSendAckReflectEct(sk);
  else tcpSendAck(sk);
}

/** Answers a segment that is not acceptable. @kernel net/ipv4/tcp_input.c tcp_send_dupack() @rfc 9293 3.10.7.4 */
export function tcpSendDupack(sk: TcpSock, skb: SkBuff): void {
  const seq = skb.cb[SEQ];
  const end = skb.cb[END_SEQ];
  if (end !== seq && before(seq, sk.rcv.nxt)) {
    sk.tcp.mib.ext[TcpExt.DelayedACKLost]++;
    tcpEnterQuickackMode(sk, TCP_MAX_QUICKACKS);
    if (!tcpIsReno(sk)) tcpDsackSet(sk, seq, after(end, sk.rcv.nxt) ? sk.rcv.nxt : end);
  }
  tcpSendAck(sk);
}
