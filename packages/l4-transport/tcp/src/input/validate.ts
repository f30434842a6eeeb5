import { DropReason, tcp as th, type SkBuff } from '@stack/skb';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_SYN_RECV } from '@stack/sock';
import { ACK_SEQ, END_SEQ, SEQ } from '../cb.ts';
import { TCP_PAWS_WINDOW } from '../constants.ts';
import { accurateOf } from '../ecn/accurate-state.ts';
import { tcpEcnRcvSynAgain } from '../ecn/open.ts';
import { tcpFastopenActiveDisable } from '../fastopen/blackhole.ts';
import { Tcp, TcpExt } from '../mib.ts';
import { tcpPawsCheck, tcpSeconds } from '../paws.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpReceiveWindow } from '../win.ts';
import { tcpOowRateLimited, tcpSendChallengeAck, tcpSendDupack } from './challenge.ts';
import { tcpFastParseOptions } from './parse-options.ts';
import { tcpReset } from './reset.ts';
import { disorderOf } from './sack-blocks.ts';

/**
 * 0 for a pure ACK that repeats the last one, with an older time stamp: reordered, and harmless. Else why it is dropped:
 * ACKs that others overtook are common.
 *
 * @kernel net/ipv4/tcp_input.c tcp_disordered_ack_check()
 */
function tcpDisorderedAckCheck(sk: TcpSock, skb: SkBuff): number {
  const { rcv, snd, opt } = sk;
  const seq = skb.cb[SEQ];
  const ack = skb.cb[ACK_SEQ];
  if ((th.flags(skb) & th.ACK) === 0 || seq !== skb.cb[END_SEQ]) return DropReason.TCP_RFC7323_PAWS;
  if (before(seq, rcv.nxt)) return DropReason.TCP_RFC7323_PAWS_ACK;
  if (seq !== rcv.nxt || ack !== snd.una) return DropReason.TCP_RFC7323_PAWS;
  const window = th.window(skb) << snd.wscale;
  if (after(seq, snd.wl1) || (seq === snd.wl1 && window > snd.wnd)) return DropReason.TCP_RFC7323_PAWS;
  const replay = Math.floor((sk.rtt.rto * 1200) / 1000);
  return ((opt.tsRecent - sk.tcp.heard.val) | 0) > replay ? DropReason.TCP_RFC7323_PAWS : 0;
}

/** Whether the time stamp is too old, and why the segment is dropped for it; else 0. @kernel net/ipv4/tcp_input.c tcp_paws_discard() @rfc 7323 5.3 */
function tcpPawsDiscard(sk: TcpSock, skb: SkBuff): number {
  const { opt } = sk;
  if (tcpPawsCheck(opt.tsRecent, opt.tsRecentStamp, sk.tcp.heard.val, TCP_PAWS_WINDOW, tcpSeconds(sk))) return 0;
  return tcpDisorderedAckCheck(sk, skb);
}

/** A segment with an old time stamp, that is no RST. */
function onOldStamp(sk: TcpSock, skb: SkBuff, reason: number, synInError: boolean): false {
  const { tcp } = sk;
  if ((th.flags(skb) & th.SYN) !== 0) return onSyn(sk, skb, synInError);
  if (reason === DropReason.TCP_RFC7323_PAWS_ACK) {
    tcp.mib.ext[TcpExt.PAWSOldAck]++;
    return discard(skb, reason);
  }
  tcp.mib.ext[TcpExt.PAWSEstab]++;
  if (!tcpOowRateLimited(tcp, skb, TcpExt.TCPACKSkippedPAWS, disorderOf(sk))) tcpSendDupack(sk, skb);
  return discard(skb, reason);
}

/**
 * 0 when some of the segment lies in the window, else the reason why not. One that goes on beyond it is only taken while
 * nothing waits to be read: whoever sends on past a full window gets nowhere.
 *
 * @kernel net/ipv4/tcp_input.c tcp_sequence()
 * @rfc 9293 3.10.7.4
 */
function tcpSequence(sk: TcpSock, seq: number, end: number): number {
  if (before(end, sk.rcv.wup)) return DropReason.TCP_OLD_SEQUENCE;
  const edge = (sk.rcv.nxt + tcpReceiveWindow(sk)) | 0;
  if (!after(end, edge)) return 0;
  if (after(seq, edge)) return DropReason.TCP_INVALID_SEQUENCE;
  return sk.hasReceived ? DropReason.TCP_INVALID_END_SEQUENCE : 0;
}

/** Whether a RST hits exactly: at the next byte, or at the left edge of a SACK block. @kernel net/ipv4/tcp_input.c tcp_reset_check() @rfc 5961 3.2 */
function resetHits(sk: TcpSock, seq: number): boolean {
  const { rcv, disorder: sack } = sk;
  if (seq === rcv.nxt) return true;
  if (sack === null || sack.count === 0) return false;
  let highest = sack.blocks[1];
  for (let i = 1; i < sack.count; i++) if (after(sack.blocks[2 * i + 1], highest)) highest = sack.blocks[2 * i + 1];
  return seq === highest;
}

function discard(skb: SkBuff, reason: number): false {
  skb.drop(reason);
  return false;
}

/** A RST in the window. */
function onReset(sk: TcpSock, skb: SkBuff): false {
  if (resetHits(sk, skb.cb[SEQ])) tcpReset(sk);
  else {
    const { fastOpen } = sk;
    // Somebody on the path may have taken offence at data in the SYN.
    if (fastOpen !== null && fastOpen.synOption && sk.rcv.dataSegsIn === 0 && sk.state === TCP_ESTABLISHED)
      tcpFastopenActiveDisable(sk.tcp);
    tcpSendChallengeAck(sk, false);
  }
  return discard(skb, DropReason.TCP_RESET);
}

/** Outside of the window. A RST with the sequence number before a FIN is believed where the FIN was the last. */
function onBadSequence(sk: TcpSock, skb: SkBuff, reason: number, synInError: boolean): false {
  const { tcp } = sk;
  const flags = th.flags(skb);
  if ((flags & th.RST) === 0) {
    if ((flags & th.SYN) !== 0) return onSyn(sk, skb, synInError);
    if (reason !== DropReason.TCP_OLD_SEQUENCE) tcp.mib.ext[TcpExt.BeyondWindow]++;
    if (!tcpOowRateLimited(tcp, skb, TcpExt.TCPACKSkippedSeq, disorderOf(sk))) tcpSendDupack(sk, skb);
  } else if (sk.done && skb.cb[SEQ] === ((sk.rcv.nxt - 1) | 0) && sk.state !== TCP_CLOSE) {
    tcpReset(sk);
    return discard(skb, DropReason.TCP_RESET);
  }
  return discard(skb, reason);
}

/** A SYN inside a connection. @rfc 5961 4.2 */
function onSyn(sk: TcpSock, skb: SkBuff, inError: boolean): false {
  if (inError) sk.tcp.mib.tcp[Tcp.InErrs]++;
  const accurate = accurateOf(sk);
  if (accurate !== null) tcpEcnRcvSynAgain(accurate, skb);
  tcpSendChallengeAck(sk, true);
  sk.tcp.mib.ext[TcpExt.TCPSYNChallenge]++;
  return discard(skb, DropReason.TCP_INVALID_SYN);
}

/** Both sides sent SYN at once, and this is the peer's SYN-ACK: its SYN, which we know, and the ACK of ours. */
function endsSimultaneousOpen(sk: TcpSock, skb: SkBuff): boolean {
  if (sk.state !== TCP_SYN_RECV || sk.dead || (th.flags(skb) & th.ACK) === 0) return false;
  const end = (skb.cb[SEQ] + 1) | 0;
  return end === skb.cb[END_SEQ] && end === sk.rcv.nxt && skb.cb[ACK_SEQ] === sk.snd.nxt;
}

/**
 * Whether the segment may be processed: time stamp, sequence number, RST, SYN. When not, it is answered as it
 * deserves and dropped, and the result is false.
 *
 * @kernel net/ipv4/tcp_input.c tcp_validate_incoming() @rfc 9293 3.10.7.4 @rfc 5961
 */
export function tcpValidateIncoming(sk: TcpSock, skb: SkBuff, synInError: boolean): boolean {
  const { tcp } = sk;
  const flags = th.flags(skb);
  tcpFastParseOptions(sk, skb);
  const old = tcp.heard.seen && (flags & th.RST) === 0 ? tcpPawsDiscard(sk, skb) : 0;
  if (old !== 0) return onOldStamp(sk, skb, old, synInError);
  const reason = tcpSequence(sk, skb.cb[SEQ], skb.cb[END_SEQ]);
  if (reason !== 0) return onBadSequence(sk, skb, reason, synInError);
  if ((flags & th.RST) !== 0) return onReset(sk, skb);
  if ((flags & th.SYN) === 0 || endsSimultaneousOpen(sk, skb)) return true;
  return onSyn(sk, skb, synInError);
}
