import { DropReason, tcp as th, type SkBuff } from '@stack/skb';
import { TCP_SYN_RECV } from '@stack/sock';
import { ACCECN_AT, ACK_SEQ, FLAGS, SEQ } from '../cb.ts';
import { tcpSetState } from '../close/set-state.ts';
import {
  ICSK_TIME_RETRANS,
  TCP_ATO_MIN,
  TCP_DELACK_MAX,
  TCP_MAX_QUICKACKS,
  TCP_MSS_DEFAULT,
  TCP_TIMEOUT_MIN,
  TS_OPTION,
} from '../constants.ts';
import { tcpFinishConnect } from '../connect/connect.ts';
import { tcpEcnRcvSyn, tcpEcnRcvSynack } from '../ecn/open.ts';
import { tcpRcvFastopenSynack } from '../fastopen/rcv-synack.ts';
import { TcpExt } from '../mib.ts';
import { tcpMtupInit } from '../mtu/state.ts';
import { md5Size } from '../output/established-options.ts';
import { tcpSendAckReflectEct } from '../output/send-ack.ts';
import { tcpSyncMss } from '../output/mss.ts';
import { sendSynackSimultaneous } from '../output/simultaneous.ts';
import { tcpPawsCheck, tcpSeconds, tcpStoreTsRecent } from '../paws.ts';
import { tcpResetXmitTimer } from '../rto.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { resetDelackTimer } from '../timers/arm.ts';
import { tcpAck } from './ack.ts';
import { FLAG_SLOWPATH } from './flags.ts';
import { tcpParseOptions } from './parse-options.ts';
import { inPingpongMode, tcpEnterQuickackMode } from './quickack.ts';
import { tcpInitializeRcvMss } from './rcvbuf.ts';
import { tcpReset } from './reset.ts';

/**
 * A segment while our SYN waits for its answer. 0: it has been taken, and is gone. A drop reason: it remains with the
 * caller, who answers RST. Negative: dropped without an answer.
 *
 * @kernel net/ipv4/tcp_input.c tcp_rcv_synsent_state_process() @rfc 9293 3.10.7.3
 */
export function tcpRcvSynsentStateProcess(sk: TcpSock, skb: SkBuff): number {
  const { tcp, opt } = sk;
  const { parsed } = tcp;
  const flags = skb.cb[FLAGS];
  tcpParseOptions(skb, parsed);
  skb.cb[ACCECN_AT] = parsed.accecnAt;
  tcp.heard.clear();
  if (parsed.sawTstamp) tcp.heard.set(parsed.tsval, parsed.tsecr, opt.tsOffset);
  if ((flags & th.ACK) !== 0) return onAck(sk, skb, flags);
  if ((flags & th.RST) !== 0) return drop(skb, DropReason.TCP_RESET);
  if (
    opt.tsRecentStamp !== 0 &&
    parsed.sawTstamp &&
    !tcpPawsCheck(opt.tsRecent, opt.tsRecentStamp, parsed.tsval, 0, tcpSeconds(sk))
  )
    return drop(skb, DropReason.TCP_RFC7323_PAWS);
  if ((flags & th.SYN) === 0) return drop(skb, DropReason.TCP_FLAGS);
  return simultaneousOpen(sk, skb);
}

function onAck(sk: TcpSock, skb: SkBuff, flags: number): number {
  const { tcp, snd, opt } = sk;
  const ack = skb.cb[ACK_SEQ];
  if (!after(ack, snd.una) || after(ack, snd.nxt)) {
    // An old connection's answer: after our RST the peer will take a SYN.
    if (sk.rtt.retransmits === 0) tcpResetXmitTimer(sk, ICSK_TIME_RETRANS, TCP_TIMEOUT_MIN);
    return DropReason.TCP_INVALID_ACK_SEQUENCE;
  }
  if (tcp.heard.ecr !== 0 && !echoesOurs(sk)) {
    tcp.mib.ext[TcpExt.PAWSActive]++;
    return DropReason.TCP_RFC7323_PAWS;
  }
  if ((flags & th.RST) !== 0) {
    tcpReset(sk);
    return drop(skb, DropReason.TCP_RESET);
  }
  if ((flags & th.SYN) === 0) return drop(skb, DropReason.TCP_FLAGS);
  snd.wl1 = skb.cb[SEQ];
  tcpEcnRcvSynack(sk, skb);
  opt.sackOk = tcp.parsed.sackOk && tcp.sysctl.tcp_sack ? 1 : 0;
  tcpAck(sk, skb, FLAG_SLOWPATH);
  negotiate(sk, skb);
  sk.rcv.copiedSeq = sk.rcv.nxt;
  tcpFinishConnect(sk);
  const { fastOpen } = sk;
  const again =
    fastOpen !== null && (fastOpen.synOption || fastOpen.synData) && tcpRcvFastopenSynack(sk, skb, fastOpen);
  if (!sk.dead) sk.stateChange();
  if (!again) answer(sk);
  if (!sk.hasReceived) skb.consume();
  return 0;
}

/** The time stamp that comes back is one we sent since the first SYN: what answers it may come after the second. */
function echoesOurs(sk: TcpSock): boolean {
  const { tcp } = sk;
  const { ecr } = tcp.heard;
  return ((ecr - sk.loss.synSentMs) | 0) >= 0 && ((tcp.ms - ecr) | 0) >= 0;
}

/** Takes over what the peer's SYN says. */
function negotiate(sk: TcpSock, skb: SkBuff): void {
  const { snd, rcv, opt, tcp } = sk;
  const { parsed } = tcp;
  rcv.nxt = (skb.cb[SEQ] + 1) | 0;
  rcv.wup = rcv.nxt;
  snd.wnd = th.window(skb);
  opt.wscaleOk = parsed.wscaleOk && tcp.sysctl.tcp_window_scaling;
  snd.wscale = opt.wscaleOk ? parsed.wscale : 0;
  if (!opt.wscaleOk) {
    rcv.wscale = 0;
    rcv.windowClamp = Math.min(rcv.windowClamp, 65_535);
  }
  opt.sackOk = parsed.sackOk && tcp.sysctl.tcp_sack ? 1 : 0;
  opt.tstampOk = parsed.sawTstamp && tcp.sysctl.tcp_timestamps;
  snd.headerLen = th.LENGTH + (opt.tstampOk ? TS_OPTION : 0) + md5Size(sk);
  if (opt.tstampOk) {
    rcv.advmss -= TS_OPTION;
    tcpStoreTsRecent(sk);
  }
  const offered = parsed.mss || TCP_MSS_DEFAULT;
  opt.mssClamp = sk.settings.userMss !== 0 ? Math.min(sk.settings.userMss, offered) : offered;
  if (snd.wnd > snd.maxWnd) snd.maxWnd = snd.wnd;
  tcpMtupInit(sk);
  tcpSyncMss(sk, snd.pmtu);
  tcpInitializeRcvMss(sk);
}

/** The last ACK of the handshake goes at once, unless data are about to carry it. */
function answer(sk: TcpSock): void {
  if (!sk.hasUnsent && (sk.waiter?.writePending ?? 0) === 0 && !inPingpongMode(sk) && sk.settings.deferAccept === 0) {
    tcpSendAckReflectEct(sk);
    return;
  }
  sk.ack.ato = TCP_ATO_MIN;
  tcpEnterQuickackMode(sk, TCP_MAX_QUICKACKS);
  resetDelackTimer(sk, sk.tcp.jiffies + TCP_DELACK_MAX);
}

/** Both sides sent SYN at once. @rfc 9293 3.5 */
function simultaneousOpen(sk: TcpSock, skb: SkBuff): number {
  tcpSetState(sk, TCP_SYN_RECV);
  negotiate(sk, skb);
  sk.rcv.copiedSeq = sk.rcv.nxt;
  sk.snd.wl1 = skb.cb[SEQ];
  sk.snd.maxWnd = sk.snd.wnd;
  tcpEcnRcvSyn(sk, skb);
  sendSynackSimultaneous(sk);
  skb.consume();
  return 0;
}

function drop(skb: SkBuff, reason: number): number {
  skb.drop(reason);
  return 0;
}
