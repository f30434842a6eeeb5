import { EINVAL, ENOENT, EPERM } from '@stack/plugin';
import { intOf, TCP_CLOSE, TCP_CLOSE_WAIT, TCP_ESTABLISHED, TCP_LISTEN } from '@stack/sock';
import {
  HZ_SECOND,
  MAX_TCP_KEEPCNT,
  MAX_TCP_KEEPIDLE,
  MAX_TCP_KEEPINTVL,
  MAX_TCP_SYNCNT,
  MAX_TCP_WINDOW,
  TCP_MIN_MSS,
  TCP_NAGLE_CORK,
  TCP_NAGLE_OFF,
  TCP_NAGLE_PUSH,
} from '../constants.ts';
import { setFastopen, setFastopenKey } from '../fastopen/options.ts';
import { inetCskAckScheduled } from '../input/quickack.ts';
import { ICSK_ACK_PUSHED } from '../constants.ts';
import { secsToRetrans } from '../listen/defer-accept.ts';
import { setMd5Key } from '../md5/keys.ts';
import { tcpPushPendingFrames } from '../output/push.ts';
import { tcpRtoMax } from '../rto.ts';
import type { TcpSock } from '../sock.ts';
import { resetKeepaliveTimer } from '../timers/arm.ts';
import { tcpSetWindowClamp } from '../win.ts';
import * as name from './option-names.ts';
import { setTimerOption } from './set-timers.ts';
import { tcpCleanupRbuf } from './recvmsg.ts';

/** Sets an option of TCP's own. 0, -EINVAL out of range, or -ENOPROTOOPT. @kernel net/ipv4/tcp.c do_tcp_setsockopt() */
export function tcpSetsockopt(sk: TcpSock, option: number, value: number | Uint8Array): number {
  if (option === name.TCP_CONGESTION) return setCongestion(sk, value);
  if (option === name.TCP_ULP) return typeof value === 'number' || value.length === 0 ? -EINVAL : -ENOENT;
  if (option === name.TCP_MD5SIG) return setMd5Key(sk, value, false);
  if (option === name.TCP_MD5SIG_EXT) return setMd5Key(sk, value, true);
  if (option === name.TCP_FASTOPEN_KEY) return setFastopenKey(sk, value);
  const number = intOf(value);
  return Number.isNaN(number) ? -EINVAL : setInt(sk, option, number);
}

function setInt(sk: TcpSock, option: number, value: number): number {
  switch (option) {
    case name.TCP_NODELAY:
      return setNodelay(sk, value !== 0);
    case name.TCP_CORK:
      return setCork(sk, value !== 0);
    case name.TCP_QUICKACK:
      return setQuickack(sk, value);
    case name.TCP_KEEPIDLE:
      return setKeepidle(sk, value);
    case name.TCP_WINDOW_CLAMP:
      return tcpSetWindowClamp(sk, value);
    case name.TCP_FASTOPEN:
    case name.TCP_FASTOPEN_CONNECT:
    case name.TCP_FASTOPEN_NO_COOKIE:
      return setFastopen(sk, option, value);
    default:
      return setNumber(sk, option, value);
  }
}

function setNumber(sk: TcpSock, option: number, value: number): number {
  switch (option) {
    case name.TCP_MAXSEG:
      if (value !== 0 && (value < TCP_MIN_MSS || value > MAX_TCP_WINDOW)) return -EINVAL;
      sk.change({ userMss: value });
      return 0;
    case name.TCP_KEEPINTVL:
      if (value < 1 || value > MAX_TCP_KEEPINTVL) return -EINVAL;
      sk.change({ keepaliveIntvl: value * HZ_SECOND });
      return 0;
    case name.TCP_KEEPCNT:
      if (value < 1 || value > MAX_TCP_KEEPCNT) return -EINVAL;
      sk.change({ keepaliveProbes: value });
      return 0;
    case name.TCP_SYNCNT:
      if (value < 1 || value > MAX_TCP_SYNCNT) return -EINVAL;
      sk.change({ synRetries: value });
      return 0;
    case name.TCP_DEFER_ACCEPT:
      sk.change({ deferAccept: secsToRetrans(value, tcpRtoMax(sk)) });
      return 0;
    case name.TCP_SAVE_SYN:
      if (value < 0 || value > 2) return -EINVAL;
      sk.change({ saveSyn: value });
      return 0;
    case name.TCP_INQ:
      if (value !== 0 && value !== 1) return -EINVAL;
      sk.change({ recvInq: value === 1 });
      return 0;
    case name.TCP_LINGER2:
      sk.change({ linger2: value < 0 ? -1 : Math.min(value, 120) * HZ_SECOND });
      return 0;
    case name.TCP_USER_TIMEOUT:
      if (value < 0) return -EINVAL;
      sk.change({ userTimeout: value });
      return 0;
    case name.TCP_TIMESTAMP:
      // Only of a socket under repair.
      return -EPERM;
    case name.TCP_NOTSENT_LOWAT:
      sk.change({ notsentLowat: value >>> 0 });
      sk.writeSpace();
      return 0;
    default:
      return setTimerOption(sk, option, value);
  }
}

/** @kernel net/ipv4/tcp.c __tcp_sock_set_nodelay() */
function setNodelay(sk: TcpSock, on: boolean): number {
  if (on) {
    sk.snd.nonagle |= TCP_NAGLE_OFF | TCP_NAGLE_PUSH;
    tcpPushPendingFrames(sk);
  } else {
    sk.snd.nonagle &= ~TCP_NAGLE_OFF;
  }
  return 0;
}

/** @kernel net/ipv4/tcp.c __tcp_sock_set_cork() */
function setCork(sk: TcpSock, on: boolean): number {
  if (on) {
    sk.snd.nonagle |= TCP_NAGLE_CORK;
    return 0;
  }
  sk.snd.nonagle &= ~TCP_NAGLE_CORK;
  if ((sk.snd.nonagle & TCP_NAGLE_OFF) !== 0) sk.snd.nonagle |= TCP_NAGLE_PUSH;
  tcpPushPendingFrames(sk);
  return 0;
}

/** @kernel net/ipv4/tcp.c __tcp_sock_set_quickack() */
function setQuickack(sk: TcpSock, value: number): number {
  sk.ack.pingpong = value === 0 ? sk.tcp.sysctl.tcp_pingpong_thresh : 0;
  const open = sk.state === TCP_ESTABLISHED || sk.state === TCP_CLOSE_WAIT;
  if (value === 0 || !open || !inetCskAckScheduled(sk)) return 0;
  sk.ack.pending |= ICSK_ACK_PUSHED;
  tcpCleanupRbuf(sk, 1);
  if ((value & 1) === 0) sk.ack.pingpong = sk.tcp.sysctl.tcp_pingpong_thresh;
  return 0;
}

/** @kernel net/ipv4/tcp.c tcp_sock_set_keepidle_locked() */
function setKeepidle(sk: TcpSock, seconds: number): number {
  if (seconds < 1 || seconds > MAX_TCP_KEEPIDLE) return -EINVAL;
  sk.change({ keepaliveTime: seconds * HZ_SECOND });
  if (!sk.settings.keepOpen || sk.state === TCP_CLOSE || sk.state === TCP_LISTEN) return 0;
  const idle = sk.tcp.jiffies - Math.max(sk.ack.lrcvtime, sk.rcvTstamp);
  resetKeepaliveTimer(sk, Math.max(sk.settings.keepaliveTime - idle, 0));
  return 0;
}

/** @kernel net/ipv4/tcp_cong.c tcp_set_congestion_control() */
function setCongestion(sk: TcpSock, value: number | Uint8Array): number {
  if (typeof value === 'number' || value.length === 0) return -EINVAL;
  const end = value.indexOf(0);
  const ops = sk.tcp.congestion.find(String.fromCharCode(...value.subarray(0, end < 0 ? value.length : end)));
  if (ops === null) return -ENOENT;
  if (ops === sk.cc.ops) return 0;
  sk.cc.ops.release?.(sk);
  sk.cc.ops = ops;
  sk.cc.priv = null;
  if (sk.state !== TCP_CLOSE && sk.state !== TCP_LISTEN) ops.init?.(sk);
  return 0;
}
