import { TCP_CA_CWR } from '../constants.ts';
import { tcpCurrentSsthresh } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { tcpSyncMss } from '../output/mss.ts';
import { tcpSimpleRetransmit } from '../recovery/simple-retransmit.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpMssToMtu, type MtuProbing } from './state.ts';

/** The probe has arrived: larger segments from now on, and as many bytes in flight as before. @kernel net/ipv4/tcp_input.c tcp_mtup_probe_success() @rfc 4821 7.6.1 */
export function tcpMtupProbeAcked(sk: TcpSock, mtup: MtuProbing): void {
  if (mtup.probeSize === 0 || after(mtup.probeEnd, sk.snd.una)) return;
  const { cc, tcp } = sk;
  cc.cwnd = Math.max(1, Math.floor((cc.cwnd * tcpMssToMtu(sk, sk.snd.mss)) / mtup.probeSize));
  cc.cwndCnt = 0;
  cc.cwndStamp = tcp.jiffies;
  cc.ssthresh = tcpCurrentSsthresh(sk);
  mtup.low = mtup.probeSize;
  mtup.probeSize = 0;
  tcpSyncMss(sk, sk.snd.pmtu);
  tcp.mib.ext[TcpExt.TCPMTUPSuccess]++;
}

/** What is lost is the probe: no sign of congestion. True when that was so, and its bytes were sent again. @kernel net/ipv4/tcp_input.c tcp_mtup_probe_failed() @rfc 4821 7.6.2 */
export function tcpMtupProbeLost(sk: TcpSock, mtup: MtuProbing): boolean {
  const { cc, tcp } = sk;
  if (cc.state >= TCP_CA_CWR || mtup.probeSize === 0 || sk.snd.una !== mtup.probeStart) return false;
  mtup.high = mtup.probeSize - 1;
  mtup.probeSize = 0;
  tcp.mib.ext[TcpExt.TCPMTUPFail]++;
  cc.cwnd++; // the probe took two
  tcpSimpleRetransmit(sk);
  return true;
}
