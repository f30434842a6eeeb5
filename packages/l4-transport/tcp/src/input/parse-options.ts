import { tcp as th, type SkBuff } from '@stack/skb';
import { ACCECN_AT, SACKED } from '../cb.ts';
import { TCP_MAX_WSCALE } from '../constants.ts';
import { ACCECN0, ACCECN1 } from '../ecn/accurate-option.ts';
import { TCPOPT_EXP, TCPOPT_FASTOPEN, TCPOPT_FASTOPEN_MAGIC } from '../fastopen/option.ts';
import type { TcpSock } from '../sock.ts';
import type { ParsedOptions } from './parsed-options.ts';

const EOL = 0;
const NOP = 1;
const MSS = 2;
const WINDOW = 3;
const SACK_PERM = 4;
const SACK = 5;
const TIMESTAMP = 8;
const TIMESTAMP_WORD = (NOP << 24) | (NOP << 16) | (TIMESTAMP << 8) | 10;

/**
 * Reads all options of a segment. Broken ones end the list, as if it had been shorter.
 *
 * @kernel net/ipv4/tcp_input.c tcp_parse_options() @rfc 9293 3.2
 */
export function tcpParseOptions(skb: SkBuff, into: ParsedOptions): void {
  const { view, u8 } = skb.arena;
  const start = skb.transportHeader;
  const end = start + th.headerLength(skb);
  const syn = (u8[start + 13] & th.SYN) !== 0;
  into.clear();
  for (let at = start + th.LENGTH; at < end;) {
    const kind = u8[at];
    if (kind === EOL) return;
    if (kind === NOP) {
      at++;
      continue;
    }
    if (at + 1 >= end) return;
    const size = u8[at + 1];
    if (size < 2 || at + size > end) return;
    if (kind === TIMESTAMP && size === 10) {
      into.sawTstamp = true;
      into.tsval = view.getInt32(at + 2);
      into.tsecr = view.getInt32(at + 6);
    } else if (kind === SACK && size >= 10 && (size - 2) % 8 === 0) {
      into.sackAt = at + 2 - start;
    } else if (kind === ACCECN0 || kind === ACCECN1) {
      into.accecnAt = at - start;
    } else if (syn) {
      parseSynOption(u8, view, at, kind, size, into);
    }
    at += size;
  }
}

function parseSynOption(
  u8: Uint8Array,
  view: DataView,
  at: number,
  kind: number,
  size: number,
  into: ParsedOptions,
): void {
  if (kind === MSS && size === 4) into.mss = view.getUint16(at + 2);
  if (kind === WINDOW && size === 3) {
    into.wscaleOk = true;
    into.wscale = Math.min(u8[at + 2], TCP_MAX_WSCALE);
  }
  if (kind === SACK_PERM && size === 2) into.sackOk = true;
  if (kind === TCPOPT_FASTOPEN) into.fastOpen.read(u8, at + 2, size - 2, false);
  if (kind === TCPOPT_EXP && size >= 4 && view.getUint16(at + 2) === TCPOPT_FASTOPEN_MAGIC)
    into.fastOpen.read(u8, at + 4, size - 4, true);
}

/**
 * Options of a segment of a connection: nearly always the aligned time stamp alone. Leaves where SACK blocks begin in
 * `cb[SACKED]`, and where the AccECN option does in `cb[ACCECN_AT]`.
 *
 * @kernel net/ipv4/tcp_input.c tcp_fast_parse_options()
 */
export function tcpFastParseOptions(sk: TcpSock, skb: SkBuff): void {
  const { opt } = sk;
  const { heard, parsed } = sk.tcp;
  const length = th.headerLength(skb);
  heard.clear();
  skb.cb[SACKED] = 0;
  if (length === th.LENGTH) return;
  if (length === th.LENGTH + 12 && opt.tstampOk && tcpParseAlignedTimestamp(sk, skb)) return;
  tcpParseOptions(skb, parsed);
  if (parsed.sawTstamp && opt.tstampOk) heard.set(parsed.tsval, parsed.tsecr, opt.tsOffset);
  if (opt.sackOk !== 0) skb.cb[SACKED] = parsed.sackAt;
  skb.cb[ACCECN_AT] = parsed.accecnAt;
}

/** The time stamp where it nearly always is. False when there is something else. @kernel net/ipv4/tcp_input.c tcp_parse_aligned_timestamp() */
export function tcpParseAlignedTimestamp(sk: TcpSock, skb: SkBuff): boolean {
  const { view } = skb.arena;
  const at = skb.transportHeader + th.LENGTH;
  if (view.getInt32(at) !== TIMESTAMP_WORD) return false;
  sk.tcp.heard.set(view.getInt32(at + 4), view.getInt32(at + 8), sk.opt.tsOffset);
  return true;
}
