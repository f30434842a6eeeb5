import type { Sock, SockCommon, Timewaits } from '@stack/sock';
import { TcpExt } from '../mib.ts';
import type { TcpSock } from '../sock.ts';
import { inetTwskDeschedulePut } from './time-wait.ts';
import type { TcpTimewaitSock } from './timewait-sock.ts';

const LOOPBACK_NET = 127;

/** Above what the old connection may have sent. */
const GAP = 65_535 + 2;

/**
 * Whether a new connection may have the four-tuple of one in TIME_WAIT: only if time stamps tell their segments
 * apart, and when the port is looked for, after a while only. It begins above the old one's numbers.
 *
 * @kernel net/ipv4/tcp_ipv4.c tcp_twsk_unique() @rfc 6191
 */
function tcpTwskUnique(sock: Sock, other: SockCommon, named: boolean): boolean {
  const sk = sock as TcpSock;
  const tw = other as TcpTimewaitSock;
  if (tw.tsRecentStamp === 0 || !(named || isOldEnough(tw))) return false;
  sk.snd.writeSeq = (tw.sndNxt + GAP) | 0 || 1;
  sk.opt.tsRecent = tw.tsRecent;
  sk.opt.tsRecentStamp = tw.tsRecentStamp;
  return true;
}

function isOldEnough({ tcp, daddr, rcvSaddr, entered }: TcpTimewaitSock): boolean {
  const { tcp_tw_reuse: reuse, tcp_tw_reuse_delay: delay } = tcp.sysctl;
  const loopback = daddr >>> 24 === LOOPBACK_NET || rcvSaddr >>> 24 === LOOPBACK_NET;
  return (reuse === 1 || (reuse === 2 && loopback)) && tcp.jiffies - entered > delay;
}

function deschedule(other: SockCommon): void {
  const tw = other as TcpTimewaitSock;
  tw.tcp.mib.ext[TcpExt.TWRecycled]++;
  inetTwskDeschedulePut(tw);
}

/** What decides about connections in TIME_WAIT when somebody connects. */
export const timewaits: Timewaits = { unique: tcpTwskUnique, deschedule };
