import type { SkBuff } from '@stack/skb';
import { TX_MS } from '../cb.ts';
import { MAX_TCP_OPTION_SPACE } from '../constants.ts';
import { tcpMd5Lookup } from '../md5/keys.ts';
import { MD5_OPTION } from '../md5/sign.ts';
import type { TcpSock } from '../sock.ts';
import { OPTION_TS, type OutOptions } from './out-options.ts';

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

/** Bytes of options of a segment sent now. */
export function establishedOptionsSize(sk: TcpSock): number {
  const size = md5Size(sk) + (sk.opt.tstampOk ? TIMESTAMP : 0);
  const blocks = sackBlocks(sk, size);
  return blocks === 0 ? size : size + SACK_BASE + SACK_BLOCK * blocks;
}

/**
 * Options of every segment but SYN: time stamps, and as many SACK blocks as there is room for. Returns their size.
 *
 * @kernel net/ipv4/tcp_output.c tcp_established_options()
 */
export function tcpEstablishedOptions(sk: TcpSock, skb: SkBuff, out: OutOptions): number {
  const { opt } = sk;
  out.clear();
  let size = 0;
  if (sk.settings.md5Keys !== null) {
    out.md5Key = tcpMd5Lookup(sk, sk.daddr);
    size = md5Size(sk);
  }
  if (opt.tstampOk) {
    out.bits = OPTION_TS;
    out.tsval = (skb.cb[TX_MS] + opt.tsOffset) | 0;
    out.tsecr = opt.tsRecent;
    size += TIMESTAMP;
  }
  out.sackBlocks = sackBlocks(sk, size);
  if (out.sackBlocks > 0) size += SACK_BASE + SACK_BLOCK * out.sackBlocks;
  return size;
}
