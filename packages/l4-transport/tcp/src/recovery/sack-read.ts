import type { SkBuff } from '@stack/skb';
import { ACK_SEQ, SACKED } from '../cb.ts';
import { TCP_DSACK_SEEN } from '../constants.ts';
import { FLAG_DSACK_TLP, FLAG_DSACKING_ACK } from '../input/flags.ts';
import { TcpExt } from '../mib.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import type { SacktagState } from './sacktag-state.ts';

const MAX_BLOCKS = 4;

/** SACK blocks of the ACK in hand, in order. `dup` is 1 for a DSACK. */
export class SackBlocks {
  readonly start = new Int32Array(MAX_BLOCKS);
  readonly end = new Int32Array(MAX_BLOCKS);
  readonly dup = new Uint8Array(MAX_BLOCKS);
}

function firstBlock(skb: SkBuff): number {
  return skb.transportHeader + skb.cb[SACKED];
}

function countBlocks(skb: SkBuff): number {
  return Math.min((skb.arena.u8[firstBlock(skb) - 1] - 2) >> 3, MAX_BLOCKS);
}

/** How many segments a DSACK reports as received twice; 0 when it cannot be believed. @kernel net/ipv4/tcp_input.c tcp_dsack_seen() */
function tcpDsackSeen(sk: TcpSock, start: number, end: number, state: SacktagState): number {
  const { cc, snd, loss } = sk;
  if (!before(start, end)) return 0;
  const length = (end - start) | 0;
  if (length > snd.maxWnd) return 0;
  let segments = 1;
  if (length > snd.mss) segments = Math.ceil(length / snd.mss);
  else if (loss.tlpHighSeq !== 0 && loss.tlpHighSeq === end) state.flag |= FLAG_DSACK_TLP;
  loss.dsackDups += segments;
  if (loss.dsackDups > cc.totalRetrans) return 0; // we never sent that much twice: the network did
  sk.opt.sackOk |= TCP_DSACK_SEEN;
  if (loss.reordSeen > 0 && (state.flag & FLAG_DSACK_TLP) === 0) loss.rackDsackSeen = true;
  state.flag |= FLAG_DSACKING_ACK;
  cc.delivered += segments;
  return segments;
}

/** Whether the first block is a DSACK: below the ACK, or within the second block. @kernel net/ipv4/tcp_input.c tcp_check_dsack() @rfc 2883 4 */
export function tcpCheckDsack(sk: TcpSock, skb: SkBuff, priorUna: number, state: SacktagState): boolean {
  const { tcp, loss } = sk;
  const { view } = skb.arena;
  const at = firstBlock(skb);
  const start = view.getInt32(at);
  const end = view.getInt32(at + 4);
  if (before(start, skb.cb[ACK_SEQ])) {
    tcp.mib.ext[TcpExt.TCPDSACKRecv]++;
  } else {
    if (countBlocks(skb) < 2) return false;
    if (after(end, view.getInt32(at + 12)) || before(start, view.getInt32(at + 8))) return false;
    tcp.mib.ext[TcpExt.TCPDSACKOfoRecv]++;
  }
  const segments = tcpDsackSeen(sk, start, end, state);
  if (segments === 0) {
    tcp.mib.ext[TcpExt.TCPDSACKIgnoredDubious]++;
    return false;
  }
  tcp.mib.ext[TcpExt.TCPDSACKRecvSegs] += segments;
  if (loss.undoMarker !== 0 && loss.undoRetrans > 0 && !after(end, priorUna) && after(end, loss.undoMarker))
    loss.undoRetrans = Math.max(0, loss.undoRetrans - segments);
  return true;
}

/** @kernel net/ipv4/tcp_input.c tcp_is_sackblock_valid() */
function tcpIsSackblockValid(sk: TcpSock, dup: boolean, start: number, end: number): boolean {
  const { snd, loss } = sk;
  if (after(end, snd.nxt) || !before(start, end) || !before(start, snd.nxt)) return false;
  if (after(start, snd.una)) return true;
  if (!dup || loss.undoMarker === 0 || after(end, snd.una)) return false;
  if (!before(start, loss.undoMarker)) return true;
  if (!after(end, loss.undoMarker)) return false;
  return !before(start, (end - snd.maxWnd) | 0);
}

/** Reads the believable blocks and sorts them; the first may be a DSACK. Returns how many. */
export function readBlocks(sk: TcpSock, skb: SkBuff, priorUna: number, dsack: boolean, into: SackBlocks): number {
  const { view } = skb.arena;
  const at = firstBlock(skb);
  const count = countBlocks(skb);
  let used = 0;
  for (let i = 0; i < count; i++) {
    const start = view.getInt32(at + 8 * i);
    const end = view.getInt32(at + 8 * i + 4);
    const dup = i === 0 && dsack;
    if (!tcpIsSackblockValid(sk, dup, start, end)) {
      const late = !dup && skb.cb[ACK_SEQ] !== sk.snd.una && !after(end, sk.snd.una);
      if (!late) sk.tcp.mib.ext[discardCounter(sk, dup)]++;
      continue;
    }
    if (!after(end, priorUna)) continue;
    place(into, used++, start, end, dup);
  }
  return used;
}

function discardCounter(sk: TcpSock, dup: boolean): number {
  if (!dup) return TcpExt.TCPSACKDiscard;
  return sk.loss.undoMarker === 0 ? TcpExt.TCPDSACKIgnoredNoUndo : TcpExt.TCPDSACKIgnoredOld;
}

/** Inserts a block before those that begin later. */
function place(into: SackBlocks, count: number, start: number, end: number, dup: boolean): void {
  let i = count;
  for (; i > 0 && after(into.start[i - 1], start); i--) {
    into.start[i] = into.start[i - 1];
    into.end[i] = into.end[i - 1];
    into.dup[i] = into.dup[i - 1];
  }
  into.start[i] = start;
  into.end[i] = end;
  into.dup[i] = dup ? 1 : 0;
}
