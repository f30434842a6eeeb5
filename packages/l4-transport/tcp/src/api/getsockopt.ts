import { ENOPROTOOPT } from '@stack/plugin';
import { TCP_CLOSE, TCP_LISTEN } from '@stack/sock';
import { HZ_SECOND, TCP_NAGLE_CORK, TCP_NAGLE_OFF } from '../constants.ts';
import { getFastopenKey } from '../fastopen/options.ts';
import { inPingpongMode } from '../input/quickack.ts';
import { retransToSecs } from '../listen/defer-accept.ts';
import { takeSavedSyn } from '../listen/save-syn.ts';
import { tcpRtoMax, tcpRtoMin } from '../rto.ts';
import type { TcpSock } from '../sock.ts';
import { tcpGetInfo } from './info.ts';
import { tcpInfoBytes } from './info-bytes.ts';
import * as name from './option-names.ts';

/** The value of an option of TCP's own, or -ENOPROTOOPT. @kernel net/ipv4/tcp.c do_tcp_getsockopt() */
export function tcpGetsockopt(sk: TcpSock, option: number): number | Uint8Array {
  const { sysctl } = sk.tcp;
  switch (option) {
    case name.TCP_NODELAY:
      return (sk.snd.nonagle & TCP_NAGLE_OFF) !== 0 ? 1 : 0;
    case name.TCP_CORK:
      return (sk.snd.nonagle & TCP_NAGLE_CORK) !== 0 ? 1 : 0;
    case name.TCP_MAXSEG:
      return sk.settings.userMss !== 0 && (sk.state === TCP_CLOSE || sk.state === TCP_LISTEN)
        ? sk.settings.userMss
        : sk.snd.mss;
    case name.TCP_KEEPIDLE:
      return sk.settings.keepaliveTime / HZ_SECOND || sysctl.tcp_keepalive_time;
    case name.TCP_KEEPINTVL:
      return sk.settings.keepaliveIntvl / HZ_SECOND || sysctl.tcp_keepalive_intvl;
    case name.TCP_KEEPCNT:
      return sk.settings.keepaliveProbes || sysctl.tcp_keepalive_probes;
    case name.TCP_SYNCNT:
      return sk.settings.synRetries || sysctl.tcp_syn_retries;
    case name.TCP_LINGER2:
      return sk.settings.linger2 < 0 ? -1 : sk.settings.linger2 / HZ_SECOND || sysctl.tcp_fin_timeout;
    case name.TCP_WINDOW_CLAMP:
      return sk.rcv.windowClamp;
    case name.TCP_QUICKACK:
      return inPingpongMode(sk) ? 0 : 1;
    case name.TCP_USER_TIMEOUT:
      return sk.settings.userTimeout;
    case name.TCP_NOTSENT_LOWAT:
      return sk.settings.notsentLowat;
    case name.TCP_DEFER_ACCEPT:
      return retransToSecs(sk.settings.deferAccept, tcpRtoMax(sk));
    case name.TCP_SAVE_SYN:
      return sk.settings.saveSyn;
    case name.TCP_SAVED_SYN:
      return takeSavedSyn(sk);
    case name.TCP_INQ:
      return Number(sk.settings.recvInq);
    case name.TCP_THIN_LINEAR_TIMEOUTS:
      return Number(sk.settings.thinTimeouts);
    case name.TCP_THIN_DUPACK:
      return 0;
    case name.TCP_RTO_MAX_MS:
      return tcpRtoMax(sk);
    case name.TCP_RTO_MIN_US:
      return tcpRtoMin(sk) * 1000;
    case name.TCP_DELACK_MAX_US:
      return sk.settings.delackMax * 1000;
    case name.TCP_TX_DELAY:
      return sk.settings.txDelay / 1000;
    case name.TCP_FASTOPEN:
      return sk.settings.fastopenBacklog;
    case name.TCP_FASTOPEN_CONNECT:
      return Number(sk.settings.fastopenConnect);
    case name.TCP_FASTOPEN_NO_COOKIE:
      return Number(sk.settings.fastopenNoCookie);
    case name.TCP_FASTOPEN_KEY:
      return getFastopenKey(sk);
    case name.TCP_TIMESTAMP:
      return littleEndian(sk.tcp.ms + sk.opt.tsOffset);
    case name.TCP_IS_MPTCP:
      return 0;
    case name.TCP_ULP:
      return new Uint8Array(0);
    case name.TCP_CONGESTION:
      return congestionName(sk);
    case name.TCP_INFO:
      return tcpInfoBytes(tcpGetInfo(sk));
    case name.TCP_CC_INFO:
      return sk.cc.ops.getInfo?.(sk) ?? new Uint8Array(0);
    default:
      return -ENOPROTOOPT;
  }
}

/** What is no errno, although it may be negative. */
function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

/** Padded with zeros to 16 bytes, as TCP_CA_NAME_MAX has it. */
function congestionName(sk: TcpSock): Uint8Array {
  const bytes = new Uint8Array(16);
  const text = sk.cc.ops.name;
  for (let i = 0; i < Math.min(text.length, 15); i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
