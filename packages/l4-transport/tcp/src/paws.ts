import { TCP_PAWS_24DAYS } from './constants.ts';
import { FLAG_TS_PROGRESS } from './input/flags.ts';
import { after } from './seq.ts';
import type { TcpSock } from './sock.ts';

/** Seconds of the clock that remembered time stamps are dated with. */
export function tcpSeconds(sk: TcpSock): number {
  return Math.floor(sk.tcp.jiffies / 1000) + 1;
}

/** Whether the segment's time stamp is not older than what we have seen. @kernel include/net/tcp.h tcp_paws_check() @rfc 7323 5.3 */
export function tcpPawsCheck(
  tsRecent: number,
  tsRecentStamp: number,
  tsval: number,
  window: number,
  now: number,
): boolean {
  if (((tsRecent - tsval) | 0) <= window) return true;
  if (now >= tsRecentStamp + TCP_PAWS_24DAYS) return true;
  return tsRecent === 0; // some send a zero with SYN and start their clock later
}

/** @kernel net/ipv4/tcp_input.c tcp_store_ts_recent() */
export function tcpStoreTsRecent(sk: TcpSock): void {
  sk.opt.tsRecent = sk.tcp.heard.val;
  sk.opt.tsRecentStamp = tcpSeconds(sk);
}

/** Keeps the time stamp to echo, if the segment is the one that the last ACK is about. FLAG_TS_PROGRESS when it is newer. @kernel net/ipv4/tcp_input.c tcp_replace_ts_recent() @rfc 7323 4.3 */
export function tcpReplaceTsRecent(sk: TcpSock, seq: number): number {
  const { opt } = sk;
  const { heard } = sk.tcp;
  if (!heard.seen || after(seq, sk.rcv.wup)) return 0;
  const newer = ((heard.val - opt.tsRecent) | 0) > 0;
  if (!tcpPawsCheck(opt.tsRecent, opt.tsRecentStamp, heard.val, 0, tcpSeconds(sk))) return 0;
  tcpStoreTsRecent(sk);
  return newer ? FLAG_TS_PROGRESS : 0;
}
