import { tcpIsReno } from '../flight.ts';
import { TcpExt } from '../mib.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { DisorderState } from '../state.ts';

const TCP_NUM_SACKS = 4;

export function disorderOf(sk: TcpSock): DisorderState {
  return (sk.disorder ??= new DisorderState());
}

/** Tells the peer with the next ACK that these bytes came twice. @kernel net/ipv4/tcp_input.c tcp_dsack_set() @rfc 2883 */
export function tcpDsackSet(sk: TcpSock, seq: number, end: number): void {
  if (tcpIsReno(sk) || !sk.tcp.sysctl.tcp_dsack) return;
  const sack = disorderOf(sk);
  sk.tcp.mib.ext[before(seq, sk.rcv.nxt) ? TcpExt.TCPDSACKOldSent : TcpExt.TCPDSACKOfoSent]++;
  sack.dsack = true;
  sack.dsackStart = seq;
  sack.dsackEnd = end;
}

/** @kernel net/ipv4/tcp_input.c tcp_dsack_extend() */
export function tcpDsackExtend(sk: TcpSock, seq: number, end: number): void {
  const { disorder: sack } = sk;
  if (sack === null || !sack.dsack) {
    tcpDsackSet(sk, seq, end);
    return;
  }
  if (after(seq, sack.dsackEnd) || after(sack.dsackStart, end)) return;
  if (before(seq, sack.dsackStart)) sack.dsackStart = seq;
  if (after(end, sack.dsackEnd)) sack.dsackEnd = end;
}

/** Joins the bytes to block `i` if they touch it. @kernel net/ipv4/tcp_input.c tcp_sack_extend() */
function tcpSackExtend(blocks: Int32Array, i: number, seq: number, end: number): boolean {
  const at = 2 * i;
  if (after(seq, blocks[at + 1]) || after(blocks[at], end)) return false;
  if (before(seq, blocks[at])) blocks[at] = seq;
  if (after(end, blocks[at + 1])) blocks[at + 1] = end;
  return true;
}

/** Takes block `i` out. */
function zap(sack: DisorderState, i: number): void {
  sack.blocks.copyWithin(2 * i, 2 * i + 2, 2 * sack.count);
  sack.count--;
}

/** Puts block `i` first and moves those before it back. */
function rotateToFront(blocks: Int32Array, i: number): void {
  const start = blocks[2 * i];
  const end = blocks[2 * i + 1];
  blocks.copyWithin(2, 0, 2 * i);
  blocks[0] = start;
  blocks[1] = end;
}

/** The first block grew: it may swallow others. @kernel net/ipv4/tcp_input.c tcp_sack_maybe_coalesce() */
function tcpSackMaybeCoalesce(sack: DisorderState): void {
  const { blocks } = sack;
  for (let i = 1; i < sack.count;) {
    if (tcpSackExtend(blocks, 0, blocks[2 * i], blocks[2 * i + 1])) zap(sack, i);
    else i++;
  }
}

/** Bytes came out of order: their block is the first of the next SACK. @kernel net/ipv4/tcp_input.c tcp_sack_new_ofo_skb() @rfc 2018 4 */
export function tcpSackNewOfoSkb(sk: TcpSock, seq: number, end: number): void {
  const sack = disorderOf(sk);
  const { blocks } = sack;
  for (let i = 0; i < sack.count; i++) {
    if (!tcpSackExtend(blocks, i, seq, end)) continue;
    rotateToFront(blocks, i);
    tcpSackMaybeCoalesce(sack);
    return;
  }
  if (sack.count < TCP_NUM_SACKS) sack.count++;
  blocks.copyWithin(2, 0, 2 * (sack.count - 1));
  blocks[0] = seq;
  blocks[1] = end;
}

/** Forgets blocks that are in order now. @kernel net/ipv4/tcp_input.c tcp_sack_remove() */
export function tcpSackRemove(sk: TcpSock): void {
  const { disorder: sack } = sk;
  if (sack === null || sack.count === 0) return;
  if (sack.ofo.empty) {
    sack.count = 0;
    return;
  }
  for (let i = 0; i < sack.count;) {
    if (before(sk.rcv.nxt, sack.blocks[2 * i])) i++;
    else zap(sack, i);
  }
}
