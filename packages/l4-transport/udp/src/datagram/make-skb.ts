import type { SkBuff } from '@stack/skb';
import type { DatagramHome } from './datagram-home.ts';

/** The headers of UDP and of an ICMP echo alike. */
const HEADER = 8;
/** Up to here everything is linear; what is longer goes into fragments of this size. */
const PIECE = 32_768;

/**
 * A buffer with the bytes as its data behind a transport header that is still to be filled in, and room for the headers
 * below. Null when memory is lacking.
 *
 * @kernel net/ipv4/ip_output.c ip_make_skb()
 */
export function makeSkb(home: DatagramHome, bytes: Uint8Array, offset: number, length: number): SkBuff | null {
  const { maxHeader } = home.ip;
  const linear = maxHeader + length <= PIECE ? length : 0;
  const skb = home.pool.alloc(maxHeader + linear);
  if (skb === null) return null;
  skb.reserve(maxHeader);
  if (linear > 0) skb.arena.u8.set(bytes.subarray(offset, offset + length), skb.put(length));
  else if (length > 0 && !addPieces(skb, bytes, offset, length)) {
    skb.consume();
    return null;
  }
  skb.push(HEADER);
  skb.resetTransportHeader();
  return skb;
}

function addPieces(skb: SkBuff, bytes: Uint8Array, offset: number, length: number): boolean {
  const { arena } = skb;
  for (let done = 0; done < length; done += PIECE) {
    const size = Math.min(PIECE, length - done);
    const page = arena.alloc(size);
    if (page === 0) return false;
    arena.u8.set(bytes.subarray(offset + done, offset + done + size), page);
    skb.addFrag(page, 0, size, arena.blockSize(page));
  }
  return true;
}
