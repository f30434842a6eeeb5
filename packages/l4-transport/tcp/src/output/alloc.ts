import { skbTruesize, type SkBuff } from '@stack/skb';
import { LARGEST_BLOCK } from '@stack/memory';
import { END_SEQ, FLAGS, GSO_SIZE, PCOUNT, SACKED, SEQ, TX_BITS } from '../cb.ts';
import { MAX_TCP_HEADER } from '../constants.ts';
import type { TcpProtocol } from '../protocol.ts';

/** User bytes are copied into blocks of this size. @kernel net/core/sock.c SKB_FRAG_PAGE_ORDER */
export const FRAG_PAGE = Math.min(32_768, LARGEST_BLOCK);

/** What a buffer without data costs its socket. */
const HEAD_TRUESIZE = /* @__PURE__ */ skbTruesize(MAX_TCP_HEADER);

/**
 * A buffer for the write queue: its head has room for all headers, its data go into fragments. Null without memory.
 *
 * @kernel net/ipv4/tcp.c tcp_stream_alloc_skb()
 */
export function tcpStreamAllocSkb(tcp: TcpProtocol): SkBuff | null {
  const room = tcp.ip.maxHeader;
  const skb = tcp.pool.alloc(room);
  if (skb === null) return null;
  skb.reserve(room);
  skb.truesize = HEAD_TRUESIZE;
  clear(skb.cb);
  return skb;
}

/** As `fill(0)`, which costs more than all the stores. */
function clear(cb: Int32Array): void {
  for (let i = 0; i <= TX_BITS; i++) cb[i] = 0;
}

/** A buffer for a segment that carries no data. @kernel net/ipv4/tcp_output.c tcp_init_nondata_skb() */
export function tcpInitNondataSkb(skb: SkBuff, seq: number, flags: number, length: number): void {
  const { cb } = skb;
  cb[SEQ] = seq;
  cb[END_SEQ] = seq + length;
  cb[FLAGS] = flags;
  cb[SACKED] = 0;
  cb[PCOUNT] = 1;
  cb[GSO_SIZE] = 0;
  cb[TX_BITS] = 0;
}

/** Makes sure that the page fragment has a byte of room. False without memory. @kernel net/core/sock.c sk_page_frag_refill() */
export function skPageFragRefill(tcp: TcpProtocol): boolean {
  if (tcp.fragPage !== 0) {
    if (tcp.fragOffset < FRAG_PAGE) return true;
    if (tcp.arena.refs(tcp.fragPage) === 1) {
      tcp.fragOffset = 0; // nobody else holds it
      return true;
    }
    tcp.arena.release(tcp.fragPage);
  }
  tcp.fragPage = tcp.arena.alloc(FRAG_PAGE);
  tcp.fragOffset = 0;
  return tcp.fragPage !== 0;
}

/** Gives the page fragment back, when TCP ends. */
export function releasePageFrag(tcp: TcpProtocol): void {
  if (tcp.fragPage !== 0) tcp.arena.release(tcp.fragPage);
  tcp.fragPage = 0;
}
