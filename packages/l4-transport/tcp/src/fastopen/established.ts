import { TCP_CA_Loss } from '../constants.ts';
import { tcpRearmRto } from '../recovery/rearm.ts';
import { tcpTryUndoRecovery } from '../recovery/undo.ts';
import type { TcpSock } from '../sock.ts';
import { reqskFastopenRemove } from './remove.ts';

/** SYN-ACK is acknowledged at last, while data may be in flight already. @kernel net/ipv4/tcp_input.c tcp_rcv_synrecv_state_fastopen() */
export function tcpRcvSynrecvStateFastopen(sk: TcpSock): void {
  if (sk.cc.state === TCP_CA_Loss && sk.snd.packetsOut === 0) tcpTryUndoRecovery(sk);
  sk.rtt.retransmits = 0;
  if (sk.cc.state !== TCP_CA_Loss) sk.loss.retransPending = false;
  reqskFastopenRemove(sk, false);
  tcpRearmRto(sk);
}
