import type { SkBuff } from '@stack/skb';
import { GSO_SIZE, PCOUNT } from '../cb.ts';
import { pacingRate } from '../pacing/pace.ts';
import { tcpMinRtt } from '../recovery/rate.ts';
import type { TcpSock } from '../sock.ts';

/** Counts the segments of a buffer for segments of `mss` bytes. @kernel net/ipv4/tcp_output.c tcp_set_skb_tso_segs() */
export function tcpSetSkbTsoSegs(skb: SkBuff, mss: number): number {
  const { cb } = skb;
  if (skb.len <= mss) {
    cb[PCOUNT] = 1;
    cb[GSO_SIZE] = 0;
    return 1;
  }
  cb[GSO_SIZE] = mss;
  return (cb[PCOUNT] = Math.ceil(skb.len / mss));
}

/**
 * How many segments a GSO packet should have: what the connection sends in about a millisecond, more when the round
 * trip is short.
 *
 * @kernel net/ipv4/tcp_output.c tcp_tso_autosize()
 */
function tcpTsoAutosize(sk: TcpSock, mss: number, minSegs: number): number {
  const { gsoMaxSize } = sk.snd;
  let bytes = Math.floor(pacingRate(sk) / 1024);
  const r = tcpMinRtt(sk) >>> sk.tcp.sysctl.tcp_tso_rtt_log;
  if (r < 32) bytes += gsoMaxSize >>> r;
  return Math.max(Math.floor(Math.min(bytes, gsoMaxSize) / mss), minSegs);
}

/** @kernel net/ipv4/tcp_output.c tcp_tso_segs() */
export function tcpTsoSegs(sk: TcpSock, mss: number): number {
  if (sk.settings.md5Keys !== null) return 1; // a device cannot sign
  const { minTsoSegs } = sk.cc.ops;
  const least = minTsoSegs === undefined ? sk.tcp.sysctl.tcp_min_tso_segs : minTsoSegs(sk);
  return Math.min(tcpTsoAutosize(sk, mss, least), 65_535);
}
