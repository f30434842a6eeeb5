import { MAX_SKB_FRAGS, SIZEOF_SK_BUFF, skbCopyBits, skbTruesize, type SkBuff } from '@stack/skb';
import { skMemCharge } from '@stack/sock';
import { ACK_SEQ, END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { TcpExt } from '../mib.ts';
import type { TcpSock } from '../sock.ts';

/**
 * Appends the data of `from` to `to` without another buffer: by copying into spare room, or by taking over its
 * fragments (and its head, where that is a fragment). Returns the truesize that `to` gained, -1 when it cannot be
 * done. `from` remains with the caller, who frees it.
 *
 * @kernel net/core/skbuff.c skb_try_coalesce()
 */
export function skbTryCoalesce(to: SkBuff, from: SkBuff): number {
  if (to.isCloned) return -1;
  if (from.len <= to.tailroom) {
    skbCopyBits(from, 0, to.put(from.len), from.len);
    return 0;
  }
  const { shinfo, arena } = from;
  if (to.shinfo.fragList !== null || shinfo.fragList !== null) return -1;
  const linear = from.headlen;
  if (to.shinfo.nrFrags + shinfo.nrFrags + (linear > 0 ? 1 : 0) > MAX_SKB_FRAGS) return -1;
  if (linear > 0 && (!from.headFrag || from.isCloned)) return -1;
  let gained: number;
  if (linear > 0) {
    arena.hold(from.head);
    to.addFrag(from.head, from.data - from.head, linear, 0);
    gained = from.truesize - SIZEOF_SK_BUFF;
  } else {
    gained = Math.max(from.truesize - skbTruesize(from.end - from.head), from.dataLen);
  }
  for (let i = 0; i < shinfo.nrFrags; i++) {
    arena.hold(shinfo.fragPage[i]);
    to.addFrag(shinfo.fragPage[i], shinfo.fragOffset[i], shinfo.fragSize[i], 0);
  }
  to.truesize += gained;
  return gained;
}

/** Joins a segment to the one it follows, both received. `from` remains with the caller. @kernel net/ipv4/tcp_input.c tcp_try_coalesce() */
export function tcpTryCoalesce(sk: TcpSock, to: SkBuff, from: SkBuff): boolean {
  if (from.cb[SEQ] !== to.cb[END_SEQ]) return false;
  const gained = skbTryCoalesce(to, from);
  if (gained < 0) return false;
  if (gained > 0) {
    sk.rmemAlloc += gained;
    skMemCharge(sk, gained);
  }
  sk.tcp.mib.ext[TcpExt.TCPRcvCoalesce]++;
  to.cb[END_SEQ] = from.cb[END_SEQ];
  to.cb[ACK_SEQ] = from.cb[ACK_SEQ];
  to.cb[FLAGS] |= from.cb[FLAGS];
  if (from.tstamp !== 0) to.tstamp = from.tstamp;
  return true;
}
