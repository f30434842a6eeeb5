import { tcp as th, type SkBuff } from '@stack/skb';
import { ACCECN_AT, ACK_SEQ, END_SEQ, FLAGS, HAS_TW_ISN, SACKED, SEQ, TW_ISN } from '../cb.ts';

/** Writes down what the header says, where all of TCP reads it. @kernel net/ipv4/tcp_ipv4.c tcp_v4_fill_cb() */
export function tcpV4FillCb(skb: SkBuff): void {
  const { cb } = skb;
  const flags = th.flags(skb);
  const seq = th.seq(skb);
  const length = skb.len - th.headerLength(skb);
  cb[SEQ] = seq;
  cb[END_SEQ] = seq + length + ((flags & th.SYN) !== 0 ? 1 : 0) + ((flags & th.FIN) !== 0 ? 1 : 0);
  cb[ACK_SEQ] = th.ackSeq(skb);
  cb[FLAGS] = flags;
  cb[SACKED] = 0;
  cb[ACCECN_AT] = 0;
  cb[TW_ISN] = 0;
  cb[HAS_TW_ISN] = 0;
}
