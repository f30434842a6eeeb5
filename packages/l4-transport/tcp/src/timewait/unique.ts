import { isLoopback } from '@stack/ipv4';
import type { Timewaits } from '@stack/sock';
import type { TcpSock } from '../sock.ts';
import { inetTwskDeschedulePut } from './time-wait.ts';
import type { TcpTimewaitSock } from './timewait-sock.ts';

/** Sequence numbers between the last of the old connection and the first of a new one. */
const BEYOND_WINDOW = 65_535 + 2;

/**
 * Whether a new connection may take the place of one in TIME_WAIT: when time stamps keep their segments apart, the
 * sysctl allows, and a second has passed.
 *
 * @kernel net/ipv4/tcp_ipv4.c tcp_twsk_unique() @rfc 6191
 */
export function tcpTwskUnique(sk: TcpSock, tw: TcpTimewaitSock): boolean {
  const { tcp_tw_reuse: reuse } = sk.tcp.sysctl;
  const allowed = reuse === 1 || (reuse === 2 && (isLoopback(tw.daddr) || isLoopback(tw.rcvSaddr)));
  const now = Math.floor(sk.tcp.jiffies / 1000) + 1;
  if (tw.tsRecentStamp === 0 || !allowed || now <= tw.tsRecentStamp) return false;
  sk.snd.writeSeq = (tw.sndNxt + BEYOND_WINDOW) | 0 || 1;
  sk.opt.tsRecent = tw.tsRecent;
  sk.opt.tsRecentStamp = tw.tsRecentStamp;
  return true;
}

/** What the table of connections asks of TIME_WAIT. */
export const timewaits: Timewaits = {
  unique: (sk, tw) => tcpTwskUnique(sk as TcpSock, tw as TcpTimewaitSock),
  deschedule: (tw) => inetTwskDeschedulePut(tw as TcpTimewaitSock),
};
