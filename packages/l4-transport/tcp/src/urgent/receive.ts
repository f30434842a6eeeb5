import { tcp as th, type SkBuff } from '@stack/skb';
import { END_SEQ } from '../cb.ts';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { TCP_URG_NOTYET, TCP_URG_VALID, urgentOf } from './state.ts';

/** A segment may announce an urgent byte, or bring the one announced. Its data begin at the TCP header still. @kernel net/ipv4/tcp_input.c tcp_urg() @rfc 6093 3 */
export function tcpUrg(sk: TcpSock, skb: SkBuff): void {
  if ((th.flags(skb) & th.URG) !== 0) tcpCheckUrg(sk, skb);
  const { urgent } = sk;
  if (urgent === null || urgent.data !== TCP_URG_NOTYET) return;
  const syn = (th.flags(skb) & th.SYN) !== 0 ? 1 : 0;
  const at = (((urgent.seq - th.seq(skb)) | 0) + th.headerLength(skb) - syn) >>> 0;
  if (at >= skb.len) return;
  urgent.data = TCP_URG_VALID | byteAt(skb, at);
  if (!sk.dead) sk.dataReady();
}

function byteAt(skb: SkBuff, at: number): number {
  const { arena, shinfo } = skb;
  if (at < skb.headlen) return arena.u8[skb.data + at];
  let rest = at - skb.headlen;
  for (let i = 0; i < shinfo.nrFrags; i++) {
    if (rest < shinfo.fragSize[i]) return arena.u8[shinfo.fragAddress(i) + rest];
    rest -= shinfo.fragSize[i];
  }
  let list = shinfo.fragList;
  while (list !== null && rest >= list.len) {
    rest -= list.len;
    list = list.next;
  }
  return list === null ? 0 : byteAt(list, rest);
}

/** Takes note of a pointer that is news. @kernel net/ipv4/tcp_input.c tcp_check_urg() */
function tcpCheckUrg(sk: TcpSock, skb: SkBuff): void {
  const pointer = th.urgent(skb);
  // It points behind the urgent byte, as all the world has it. @rfc 6093 2
  const offset = pointer !== 0 && !sk.tcp.sysctl.tcp_stdurg ? pointer - 1 : pointer;
  const seq = (th.seq(skb) + offset) | 0;
  const { rcv } = sk;
  if (after(rcv.copiedSeq, seq) || before(seq, rcv.nxt)) return;
  const urgent = urgentOf(sk);
  if (urgent.data !== 0 && !after(seq, urgent.seq)) return;
  const unread = urgent.seq === rcv.copiedSeq && urgent.data !== 0;
  if (unread && !sk.settings.oobInline && rcv.copiedSeq !== rcv.nxt) forgetUrgent(sk);
  urgent.data = TCP_URG_NOTYET;
  urgent.seq = seq;
  sk.predFlags = 0;
}

/** An urgent byte that nobody read is lost to the one that comes now. */
function forgetUrgent(sk: TcpSock): void {
  const { rcv, receiveQueue } = sk;
  const { first } = receiveQueue;
  rcv.copiedSeq = (rcv.copiedSeq + 1) | 0;
  if (first === null || before(rcv.copiedSeq, first.cb[END_SEQ])) return;
  receiveQueue.remove(first);
  first.consume();
}
