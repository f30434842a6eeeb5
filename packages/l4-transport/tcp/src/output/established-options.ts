import type { SkBuff } from '@stack/skb';
import { TX_MS } from '../cb.ts';
import { MAX_TCP_OPTION_SPACE } from '../constants.ts';
import { accecnOptionSent, establishedAccecnSize } from '../ecn/accurate-option.ts';
import { accurateOf } from '../ecn/accurate-state.ts';
import { tcpMd5Lookup } from '../md5/keys.ts';
import { MD5_OPTION } from '../md5/sign.ts';
import type { TcpSock } from '../sock.ts';
import { OPTION_ACCECN, OPTION_TS, type OutOptions } from './out-options.ts';

const TIMESTAMP = 12;
const SACK_BASE = 4;
const SACK_BLOCK = 8;

/** SACK blocks for which a header with `size` bytes of other options has room. @rfc 2018 3 */
function sackBlocks(sk: TcpSock, size: number): number {
  const { disorder: sack } = sk;
  if (sack === null) return 0;
  const wanted = sack.count + (sack.dsack ? 1 : 0);
  const room = MAX_TCP_OPTION_SPACE - size;
  if (wanted === 0 || room < SACK_BASE + SACK_BLOCK) return 0;
  return Math.min(wanted, (room - SACK_BASE) >> 3);
}

/** Bytes that a signature takes, if the peer shares a key. */
export function md5Size(sk: TcpSock): number {
  return tcpMd5Lookup(sk, sk.daddr) === null ? 0 : MD5_OPTION;
}

/** Options but for their values; returns their size. */
function layOut(sk: TcpSock, out: OutOptions): number {
  out.clear();
  let size = 0;
  if (sk.settings.md5Keys !== null) {
    out.md5Key = tcpMd5Lookup(sk, sk.daddr);
    if (out.md5Key !== null) size = MD5_OPTION;
  }
  if (sk.opt.tstampOk) {
    out.bits = OPTION_TS;
    size += TIMESTAMP;
  }
  out.sackBlocks = sackBlocks(sk, size);
  if (out.sackBlocks > 0) size += SACK_BASE + SACK_BLOCK * out.sackBlocks;
  const accurate = accurateOf(sk);
  return accurate === null ? size : size + establishedAccecnSize(sk, accurate, out, MAX_TCP_OPTION_SPACE - size);
}

/** Bytes of options of a segment sent now. */
export function establishedOptionsSize(sk: TcpSock): number {
  return layOut(sk, sk.tcp.out);
}

/**
 * Options of every segment but SYN: a signature, time stamps, as many SACK blocks as there is room for, and counters of
 * ECN. Returns their size.
 *
 * @kernel net/ipv4/tcp_output.c tcp_established_options()
 */
export function tcpEstablishedOptions(sk: TcpSock, skb: SkBuff, out: OutOptions): number {
  const { opt } = sk;
  const size = layOut(sk, out);
  if (opt.tstampOk) {
    out.tsval = (skb.cb[TX_MS] + opt.tsOffset) | 0;
    out.tsecr = opt.tsRecent;
  }
  if ((out.bits & OPTION_ACCECN) !== 0) accecnOptionSent(sk, sk.ecn!.accurate!);
  return size;
}
