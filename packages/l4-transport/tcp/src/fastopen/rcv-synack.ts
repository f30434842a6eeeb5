import type { SkBuff } from '@stack/skb';
import { tcpFastopenCacheSet } from '../metrics/fastopen-cache.ts';
import { TcpExt } from '../mib.ts';
import { tcpMarkSkbLost } from '../recovery/mark-lost.ts';
import { tcpNonCongestionLossRetransmit } from '../recovery/simple-retransmit.ts';
import type { TcpSock } from '../sock.ts';
import { tcpFastopenAddSkb } from './add-skb.ts';
import { TFO_DATA_NOT_ACKED, TFO_SYN_RETRANSMITTED, type FastOpenState } from './state.ts';

/**
 * SYN-ACK answers a SYN with the option: remembers the cookie for the next time, and sends again what of the data was
 * not taken. True when there were such.
 *
 * @kernel net/ipv4/tcp_input.c tcp_rcv_fastopen_synack() @rfc 7413 4.2.2
 */
export function tcpRcvFastopenSynack(sk: TcpSock, synack: SkBuff, state: FastOpenState): boolean {
  const { tcp, cc } = sk;
  const { parsed, mib } = tcp;
  const cookie = parsed.fastOpen;
  const data = state.synData ? sk.rtxQueue.first : null;
  let synLost = false;
  let tryExperimental = 0;
  if (!state.synOption) cookie.length = -1;
  else if (cc.totalRetrans > 0) synLost = cookie.length < 0 && data !== null;
  else if (cookie.length < 0 && !state.synData) tryExperimental = state.synExperimental ? 2 : 1;
  tcpFastopenCacheSet(sk, parsed.mss, cookie, synLost, tryExperimental);
  if (data !== null) {
    state.clientFail = cc.totalRetrans > 0 ? TFO_SYN_RETRANSMITTED : TFO_DATA_NOT_ACKED;
    for (let skb: SkBuff | null = data; skb !== null; skb = skb.next) tcpMarkSkbLost(sk, skb);
    tcpNonCongestionLossRetransmit(sk);
    mib.ext[TcpExt.TCPFastOpenActiveFail]++;
    return true;
  }
  state.synDataAcked = state.synData;
  if (state.synDataAcked) {
    mib.ext[TcpExt.TCPFastOpenActive]++;
    if (cc.delivered > 1) cc.delivered--; // SYN and data were one segment
  }
  tcpFastopenAddSkb(sk, synack);
  return false;
}
