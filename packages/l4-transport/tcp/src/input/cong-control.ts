import { TCP_SYN_SENT } from '@stack/sock';
import { CA_ACK_ECE, CA_ACK_SLOWPATH, CA_ACK_WIN_UPDATE } from '../congestion/ops.ts';
import { tcpInCwndReduction } from '../flight.ts';
import { tcpCurrentMss } from '../output/mss.ts';
import { __tcpPushPendingFrames } from '../output/push.ts';
import { tcpXmitRetransmitQueue } from '../output/retransmit.ts';
import { TCP_NAGLE_OFF } from '../constants.ts';
import { tcpCwndReduction } from '../recovery/cwr.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import {
  FLAG_DATA_ACKED,
  FLAG_ECE,
  FLAG_FORWARD_PROGRESS,
  FLAG_LOST_RETRANS,
  FLAG_SLOWPATH,
  FLAG_SND_UNA_ADVANCED,
  FLAG_WIN_UPDATE,
  REXMIT_NEW,
  REXMIT_NONE,
} from './flags.ts';

/** @kernel net/ipv4/tcp_input.c tcp_may_raise_cwnd() */
function tcpMayRaiseCwnd(sk: TcpSock, flag: number): boolean {
  const wanted = sk.cc.reordering > sk.tcp.sysctl.tcp_reordering ? FLAG_FORWARD_PROGRESS : FLAG_DATA_ACKED;
  return (flag & wanted) !== 0;
}

/** How fast the connection sends: for the size of GSO packets and of the host's queue. @kernel net/ipv4/tcp_input.c tcp_update_pacing_rate() */
export function tcpUpdatePacingRate(sk: TcpSock): void {
  const { cc, rtt, snd, tcp } = sk;
  if (rtt.srtt === 0) return;
  const percent = cc.cwnd < cc.ssthresh / 2 ? tcp.sysctl.tcp_pacing_ss_ratio : tcp.sysctl.tcp_pacing_ca_ratio;
  const window = Math.max(cc.cwnd, snd.packetsOut) * snd.mss;
  cc.pacingRate = Math.floor((window * percent * 80_000) / rtt.srtt);
}

/** The ACK moves the window: down in recovery, else as the algorithm says. @kernel net/ipv4/tcp_input.c tcp_cong_control() */
export function tcpCongControl(sk: TcpSock, ack: number, delivered: number, flag: number, losses: number): void {
  const { ops } = sk.cc;
  if (ops.congControl !== undefined) {
    ops.congControl(sk, ack, sk.tcp.sample);
    return;
  }
  if (tcpInCwndReduction(sk)) {
    const clean = (flag & FLAG_SND_UNA_ADVANCED) !== 0 && (flag & FLAG_LOST_RETRANS) === 0;
    tcpCwndReduction(sk, delivered, losses, clean);
  } else if (tcpMayRaiseCwnd(sk, flag)) {
    ops.congAvoid(sk, ack, delivered);
    sk.cc.cwndStamp = sk.tcp.jiffies;
  }
  tcpUpdatePacingRate(sk);
}

/** Tells the algorithm of an ACK. @kernel net/ipv4/tcp_input.c tcp_in_ack_event() */
export function tcpInAckEvent(sk: TcpSock, flag: number): void {
  if (sk.cc.ops.inAckEvent === undefined) return;
  let flags = (flag & FLAG_SLOWPATH) === 0 ? 0 : CA_ACK_SLOWPATH;
  if ((flag & FLAG_WIN_UPDATE) !== 0) flags |= CA_ACK_WIN_UPDATE;
  if ((flag & FLAG_ECE) !== 0) flags |= CA_ACK_ECE;
  sk.cc.ops.inAckEvent(sk, flags);
}

/** Sends what the recovery asks for. @kernel net/ipv4/tcp_input.c tcp_xmit_recovery() */
export function tcpXmitRecovery(sk: TcpSock, rexmit: number): void {
  if (rexmit === REXMIT_NONE || sk.state === TCP_SYN_SENT) return;
  if (rexmit === REXMIT_NEW) {
    __tcpPushPendingFrames(sk, tcpCurrentMss(sk), TCP_NAGLE_OFF);
    if (after(sk.snd.nxt, sk.loss.highSeq)) return;
    sk.loss.frto = false;
  }
  tcpXmitRetransmitQueue(sk);
}
