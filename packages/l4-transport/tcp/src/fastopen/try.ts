import { ip, tcp as th, type SkBuff } from '@stack/skb';
import { END_SEQ, SEQ } from '../cb.ts';
import { ICSK_TIME_RETRANS, TCP_TIMEOUT_INIT } from '../constants.ts';
import { tcpInitTransfer } from '../connect/init.ts';
import { tcpV4SynRecvSock } from '../listen/child.ts';
import type { TcpRequestSock } from '../listen/request-sock.ts';
import { TcpExt } from '../mib.ts';
import { tcpResetXmitTimer } from '../rto.ts';
import type { TcpSock } from '../sock.ts';
import { tcpFastopenAddSkb } from './add-skb.ts';
import { TFO_SERVER_COOKIE_NOT_REQD, TFO_SERVER_ENABLE, tcpFastopenNoCookie } from './bits.ts';
import { FastOpenCookie } from './cookie.ts';
import { fastOpenKeys, tcpFastopenCookieGen } from './keys.ts';
import { fastOpenOf } from './state.ts';

const valid = /* @__PURE__ */ new FastOpenCookie();

/** What {@link checkCookie} finds: the cookie of the first key, of the second, or of neither. */
const FORGED = 0;
const CURRENT = 1;
const OLD = 2;

/**
 * A SYN with data, or one that asks for a cookie. The connection if its data are accepted before the handshake ends,
 * else null. `cookie` is what the SYN brought, and becomes what SYN-ACK answers. The skb stays with the caller, unless
 * its data have gone into the connection's receive queue.
 *
 * @kernel net/ipv4/tcp_fastopen.c tcp_try_fastopen() @rfc 7413 4.1.2
 */
export function tcpTryFastopen(
  sk: TcpSock,
  skb: SkBuff,
  request: TcpRequestSock,
  cookie: FastOpenCookie,
): TcpSock | null {
  const { ext } = sk.tcp.mib;
  const hasData = skb.cb[END_SEQ] !== ((skb.cb[SEQ] + 1) | 0);
  if (cookie.length === 0) ext[TcpExt.TCPFastOpenCookieReqd]++;
  const enabled = (sk.tcp.sysctl.tcp_fastopen & TFO_SERVER_ENABLE) !== 0;
  if (!enabled || (!hasData && cookie.length < 0) || !queueHasRoom(sk)) {
    cookie.length = -1;
    return null;
  }
  if (tcpFastopenNoCookie(sk, TFO_SERVER_COOKIE_NOT_REQD)) return begin(sk, skb, request, cookie, CURRENT);
  if (cookie.length > 0) {
    const found = checkCookie(sk, skb, cookie);
    if (found !== FORGED) return begin(sk, skb, request, cookie, found);
    ext[TcpExt.TCPFastOpenPassiveFail]++;
  } else if (cookie.length === 0) {
    tcpFastopenCookieGen(fastOpenKeys(sk).primary, ip.saddr(skb), ip.daddr(skb), valid);
  } else {
    return null; // data without the option: the usual handshake
  }
  answer(cookie);
  return null;
}

function begin(
  sk: TcpSock,
  skb: SkBuff,
  request: TcpRequestSock,
  cookie: FastOpenCookie,
  found: number,
): TcpSock | null {
  const { ext } = sk.tcp.mib;
  const child = tcpFastopenCreateChild(sk, skb, request);
  if (child === null) {
    ext[TcpExt.TCPFastOpenPassiveFail]++;
    cookie.length = -1;
    return null;
  }
  if (found === OLD) {
    answer(cookie); // one of the new key
    ext[TcpExt.TCPFastOpenPassiveAltKey]++;
  } else {
    cookie.length = -1;
  }
  ext[TcpExt.TCPFastOpenPassive]++;
  return child;
}

/** SYN-ACK gives the client the valid cookie, in the option it used. */
function answer(cookie: FastOpenCookie): void {
  valid.experimental = cookie.experimental;
  cookie.copyFrom(valid);
}

/** Leaves the cookie of the first key in `valid`. @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_cookie_gen_check() */
function checkCookie(sk: TcpSock, skb: SkBuff, cookie: FastOpenCookie): number {
  const { primary, backup } = fastOpenKeys(sk);
  if (backup !== null) {
    tcpFastopenCookieGen(backup, ip.saddr(skb), ip.daddr(skb), valid);
    const old = valid.equals(cookie);
    tcpFastopenCookieGen(primary, ip.saddr(skb), ip.daddr(skb), valid);
    if (old && !valid.equals(cookie)) return OLD;
  } else {
    tcpFastopenCookieGen(primary, ip.saddr(skb), ip.daddr(skb), valid);
  }
  return valid.equals(cookie) ? CURRENT : FORGED;
}

/**
 * Whether one more may begin early. Those that a RST ended count for a minute, so that forged SYNs with a stolen
 * cookie soon come to nothing.
 *
 * @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_queue_check() @rfc 7413 5.1
 */
function queueHasRoom(sk: TcpSock): boolean {
  const queue = sk.requests!;
  const most = sk.settings.fastopenBacklog;
  if (most === 0) return false;
  if (queue.fastOpenLength < most) return true;
  if (queue.fastOpenResets.length === 0 || queue.fastOpenResets[0] > sk.tcp.jiffies) {
    sk.tcp.mib.ext[TcpExt.TCPFastOpenListenOverflow]++;
    return false;
  }
  queue.fastOpenResets.shift();
  queue.fastOpenLength--;
  return true;
}

/** @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_create_child() */
function tcpFastopenCreateChild(sk: TcpSock, skb: SkBuff, request: TcpRequestSock): TcpSock | null {
  const child = tcpV4SynRecvSock(sk, skb, request);
  if (child === null) return null;
  sk.requests!.fastOpenLength++;
  fastOpenOf(child).request = request;
  child.snd.wnd = child.snd.maxWnd = th.window(skb); // that of a SYN is not scaled
  tcpResetXmitTimer(child, ICSK_TIME_RETRANS, TCP_TIMEOUT_INIT);
  tcpInitTransfer(child);
  tcpFastopenAddSkb(child, skb);
  child.rcv.wup = request.rcvNxt = child.rcv.nxt;
  return child;
}
