import { skbZcopySet, tcp as th, type SkBuff } from '@stack/skb';
import { skWmemQueuedAdd, skWmemSchedule } from '@stack/sock';
import { END_SEQ, FLAGS, PCOUNT, SEQ, TX_MS, TX_US } from '../cb.ts';
import { MAX_TCP_OPTION_SPACE } from '../constants.ts';
import { TcpExt } from '../mib.ts';
import { FRAG_PAGE, skPageFragRefill, tcpStreamAllocSkb } from '../output/alloc.ts';
import { tcpMtuToMss, tcpSyncMss } from '../output/mss.ts';
import { tcpTransmitSkb } from '../output/transmit.ts';
import type { TcpSock } from '../sock.ts';
import { tcpFastopenCookieCheck } from './client-cookie.ts';
import type { FastOpenRequest, FastOpenState } from './state.ts';

/**
 * Sends SYN with data if we have the server's cookie, else SYN that asks for one. The SYN in the retransmission queue
 * stays without data: should it be lost, it goes out plain.
 *
 * @kernel net/ipv4/tcp_output.c tcp_send_syn_data() @rfc 7413 4.2
 */
export function tcpSendSynData(sk: TcpSock, syn: SkBuff, state: FastOpenState): number {
  const active = state.active!;
  sk.opt.mssClamp = sk.rcv.advmss;
  const data = tcpFastopenCookieCheck(sk, active.cookie) ? dataOf(sk, syn, active) : null;
  let err: number;
  if (data !== null && (err = sendWithData(sk, syn, data)) === 0) {
    state.synData = active.copied > 0;
  } else {
    if (active.cookie.length > 0) active.cookie.length = 0;
    err = tcpTransmitSkb(sk, syn, true);
    if (err !== 0) state.synOption = false;
  }
  return err;
}

/** What of the user's bytes a SYN has room for, beside all options that anybody might add. */
function dataOf(sk: TcpSock, syn: SkBuff, active: FastOpenRequest): SkBuff | null {
  const { userMss } = sk.settings;
  if (userMss !== 0) sk.opt.mssClamp = Math.min(sk.opt.mssClamp, userMss);
  tcpSyncMss(sk, sk.snd.pmtu);
  const room = tcpMtuToMss(sk, sk.snd.pmtu) + sk.snd.headerLen - th.LENGTH - MAX_TCP_OPTION_SPACE;
  const skb = tcpStreamAllocSkb(sk.tcp);
  if (skb === null) return null;
  skb.cb.set(syn.cb);
  if (active.size === 0) return skb;
  active.copied = fill(sk, skb, active, Math.min(room, active.size));
  if (active.copied > 0) return skb;
  skb.consume();
  return null;
}

function fill(sk: TcpSock, skb: SkBuff, active: FastOpenRequest, most: number): number {
  const { tcp } = sk;
  if (most <= 0 || !skPageFragRefill(tcp)) return 0;
  const n = Math.min(most, FRAG_PAGE - tcp.fragOffset);
  if (!skWmemSchedule(sk, n)) return 0;
  const { bytes, offset } = active;
  if (offset + n > bytes!.length) return 0;
  tcp.arena.u8.set(bytes!.subarray(offset, offset + n), tcp.fragPage + tcp.fragOffset);
  tcp.arena.hold(tcp.fragPage);
  skb.addFrag(tcp.fragPage, tcp.fragOffset, n, n);
  if (active.calls !== null) skbZcopySet(skb, active.calls);
  tcp.fragOffset += n;
  return n;
}

/** The data take their place behind the SYN; one segment carries both. */
function sendWithData(sk: TcpSock, syn: SkBuff, data: SkBuff): number {
  const { snd, tcp } = sk;
  data.cb[END_SEQ] += data.len;
  skWmemQueuedAdd(sk, data.truesize);
  snd.writeSeq = data.cb[END_SEQ];
  snd.packetsOut += data.cb[PCOUNT];
  const err = tcpTransmitSkb(sk, data, true);
  syn.cb[TX_US] = data.cb[TX_US];
  syn.cb[TX_MS] = data.cb[TX_MS];
  data.cb[SEQ]++;
  data.cb[FLAGS] = th.ACK | th.PSH;
  if (err === 0) {
    sk.rtxQueue.push(data);
    tcp.mib.ext[TcpExt.TCPOrigDataSent]++;
  } else {
    sk.writeQueue.push(data);
    snd.packetsOut -= data.cb[PCOUNT];
  }
  return err;
}
