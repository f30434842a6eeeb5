import { TCP_CA_CWR } from '../constants.ts';
import { FLAG_DATA_SACKED, FLAG_DSACK_TLP, FLAG_NOT_DUP, FLAG_SND_UNA_ADVANCED } from '../input/flags.ts';
import { TcpExt } from '../mib.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpEndCwndReduction, tcpInitCwndReduction, tcpSetCaState } from './cwr.ts';
import { tcpTryKeepOpen } from './undo.ts';

/** The answer to a loss probe: was there a loss that the probe itself repaired? @kernel net/ipv4/tcp_input.c tcp_process_tlp_ack() @rfc 8985 7.4 */
export function tcpProcessTlpAck(sk: TcpSock, ack: number, flag: number): void {
  const { loss } = sk;
  if (before(ack, loss.tlpHighSeq)) return;
  if (!loss.tlpRetrans || (flag & FLAG_DSACK_TLP) !== 0) {
    loss.tlpHighSeq = 0; // it carried new data, or both copies arrived
  } else if (after(ack, loss.tlpHighSeq)) {
    tcpInitCwndReduction(sk);
    tcpSetCaState(sk, TCP_CA_CWR);
    tcpEndCwndReduction(sk);
    tcpTryKeepOpen(sk);
    sk.tcp.mib.ext[TcpExt.TCPLossProbeRecovery]++;
  } else if ((flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP | FLAG_DATA_SACKED)) === 0) {
    loss.tlpHighSeq = 0; // a pure duplicate: both copies arrived
  }
}
