import { skbAdvance, tcp as th, type SkBuff } from '@stack/skb';
import { skWmemQueuedAdd, skWmemQueuedSub } from '@stack/sock';
import { END_SEQ, FLAGS, SEQ, TX_BITS, TXF_EOR } from '../cb.ts';
import { TCP_CA_Open } from '../constants.ts';
import { skWmemFreeSkb, tcpPacketsInFlight } from '../flight.ts';
import { tcpInitNondataSkb, tcpStreamAllocSkb } from '../output/alloc.ts';
import { tcpSkbCanCollapse } from '../output/collapse.ts';
import { tcpCurrentMss, tcpMtuToMss } from '../output/mss.ts';
import { tcpSetSkbTsoSegs } from '../output/segments.ts';
import { tcpTransmitSkb } from '../output/transmit.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { tcpHasTxTstamp, tcpSkbCollapseTstamp } from '../stamps/stamps.ts';
import { tcpWndEnd } from '../win.ts';
import { tcpMssToMtu, tcpMtuCheckReprobe, type MtuProbing } from './state.ts';

/** What {@link tcpMtuProbe} did: nothing; it waits for room, and nothing else may be sent; a probe is ready to be noted as sent. */
export const MTU_NO_PROBE = 0;
export const MTU_WAIT = 1;
export const MTU_PROBED = 2;

/** Windows smaller than this bear no probe. */
const LEAST_CWND = 11;

/**
 * Sends one segment larger than the path is known to carry, if there is enough behind it to learn soon whether it
 * arrived. After MTU_PROBED it is the first buffer of the write queue, sent.
 *
 * @kernel net/ipv4/tcp_output.c tcp_mtu_probe() @rfc 4821 7.4
 */
export function tcpMtuProbe(sk: TcpSock, mtup: MtuProbing): number {
  const { snd, cc, disorder } = sk;
  if (mtup.probeSize !== 0 || cc.state !== TCP_CA_Open || cc.cwnd < LEAST_CWND) return MTU_NO_PROBE;
  if (disorder !== null && (disorder.count > 0 || disorder.dsack)) return MTU_NO_PROBE; // options of another size
  const mss = tcpCurrentMss(sk);
  const size = tcpMtuToMss(sk, (mtup.high + mtup.low) >> 1);
  const needed = size + (cc.reordering + 1) * snd.mss;
  if (size > tcpMtuToMss(sk, mtup.high) || mtup.high - mtup.low < sk.tcp.sysctl.tcp_probe_threshold) {
    tcpMtuCheckReprobe(sk, mtup, mss);
    return MTU_NO_PROBE;
  }
  if (((snd.writeSeq - snd.nxt) | 0) < needed || snd.wnd < needed) return MTU_NO_PROBE;
  if (after((snd.nxt + needed) | 0, tcpWndEnd(sk))) return MTU_WAIT;
  const inFlight = tcpPacketsInFlight(sk);
  if (inFlight + 2 > cc.cwnd) return inFlight === 0 ? MTU_NO_PROBE : MTU_WAIT;
  if (!canGather(sk, size)) return MTU_NO_PROBE;
  const probe = gather(sk, size, mss);
  if (probe === null || tcpTransmitSkb(sk, probe, true) !== 0) return MTU_NO_PROBE;
  cc.cwnd--; // it is worth two
  mtup.probeSize = tcpMssToMtu(sk, size);
  mtup.probeStart = probe.cb[SEQ];
  mtup.probeEnd = probe.cb[END_SEQ];
  return MTU_PROBED;
}

/** Neither records are joined, nor bytes whose time somebody wants to know. @kernel net/ipv4/tcp_output.c tcp_can_coalesce_send_queue_head() */
function canGather(sk: TcpSock, size: number): boolean {
  let left = size;
  for (let skb = sk.writeQueue.first; skb !== null; skb = skb.next) {
    if (left <= skb.len) return true;
    if (tcpHasTxTstamp(skb) || skb.next === null || !tcpSkbCanCollapse(skb, skb.next)) return false;
    left -= skb.len;
  }
  return false;
}

/** Takes bytes off the front of the write queue into one buffer, which becomes the first. Null without memory or when they lie in too many pieces. */
function gather(sk: TcpSock, size: number, mss: number): SkBuff | null {
  const { writeQueue } = sk;
  const probe = tcpStreamAllocSkb(sk.tcp);
  if (probe === null) return null;
  const first = writeQueue.first!;
  if (!sharePayload(first, probe, size)) {
    probe.consume();
    return null;
  }
  tcpInitNondataSkb(probe, first.cb[SEQ], th.ACK, size);
  skWmemQueuedAdd(sk, probe.truesize);
  let left = size;
  for (let skb: SkBuff | null = first; left > 0; skb = writeQueue.first) left -= takeFrom(sk, skb!, probe, left, mss);
  writeQueue.unshift(probe);
  return probe;
}

/** The probe holds the same memory as the buffers whose bytes it takes over. @kernel net/ipv4/tcp_output.c tcp_clone_payload() */
function sharePayload(first: SkBuff, probe: SkBuff, size: number): boolean {
  const { arena } = probe;
  let left = size;
  for (let skb: SkBuff | null = first; left > 0; skb = skb!.next) {
    const { shinfo } = skb!;
    for (let i = 0; i < shinfo.nrFrags && left > 0; i++) {
      if (probe.shinfo.nrFrags === probe.shinfo.fragPage.length) return false;
      const n = Math.min(shinfo.fragSize[i], left);
      arena.hold(shinfo.fragPage[i]);
      probe.addFrag(shinfo.fragPage[i], shinfo.fragOffset[i], n, n);
      left -= n;
    }
  }
  return true;
}

/** Up to `most` bytes leave the front of a buffer that is the first of the queue. Returns how many. */
function takeFrom(sk: TcpSock, skb: SkBuff, probe: SkBuff, most: number, mss: number): number {
  const { cb } = skb;
  if (skb.len <= most) {
    probe.cb[FLAGS] |= cb[FLAGS];
    probe.cb[TX_BITS] |= cb[TX_BITS] & TXF_EOR;
    tcpSkbCollapseTstamp(probe, skb);
    const taken = skb.len;
    sk.writeQueue.remove(skb);
    skWmemFreeSkb(sk, skb);
    return taken;
  }
  probe.cb[FLAGS] |= cb[FLAGS] & ~(th.FIN | th.PSH);
  const { truesize } = skb;
  skbAdvance(skb, most);
  skb.truesize = truesize - most;
  skWmemQueuedSub(sk, most);
  cb[SEQ] += most;
  tcpSetSkbTsoSegs(skb, mss);
  return most;
}
