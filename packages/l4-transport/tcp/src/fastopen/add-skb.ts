import { tcp as th, type SkBuff } from '@stack/skb';
import { skbSetOwnerR } from '@stack/sock';
import { END_SEQ, FLAGS, SEQ } from '../cb.ts';
import { tcpFin } from '../input/reset.ts';
import type { TcpSock } from '../sock.ts';
import { fastOpenOf } from './state.ts';

/**
 * The data of a SYN or SYN-ACK become the first that the user reads. True when there were any: then the skb is in the
 * receive queue.
 *
 * @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_add_skb()
 */
export function tcpFastopenAddSkb(sk: TcpSock, skb: SkBuff): boolean {
  const { cb } = skb;
  if (cb[END_SEQ] === sk.rcv.nxt) return false;
  skb.dst = null;
  skb.pull(th.headerLength(skb));
  cb[SEQ]++;
  cb[FLAGS] &= ~th.SYN;
  skbSetOwnerR(skb, sk);
  sk.receiveQueue.push(skb);
  sk.rcv.nxt = cb[END_SEQ];
  sk.rcv.dataSegsIn++;
  sk.rcv.bytesReceived = skb.len;
  fastOpenOf(sk).synDataAcked = true;
  if ((cb[FLAGS] & th.FIN) !== 0) tcpFin(sk);
  return true;
}
