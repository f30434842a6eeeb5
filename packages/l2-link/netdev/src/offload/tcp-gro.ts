import { csumFold, csumPseudo } from '@stack/memory';
import {
  CHECKSUM_PARTIAL,
  ip,
  SKB_GSO_TCP_ECN,
  SKB_GSO_TCP_FIXEDID,
  SKB_GSO_TCPV4,
  tcp,
  type SkBuff,
} from '@stack/skb';
import type { GroList } from '../napi/gro-list.ts';
import { COUNT, DATA_OFFSET, FLUSH, ID_FIXED, ID_MODE, ID_UNKNOWN, SAME_FLOW } from './gro-cb.ts';
import { groChecksumValidate, groHeader, groLen } from './gro-header.ts';
import { inetGroMode } from './inet-gro.ts';
import type { InetOffload } from './offloads.ts';
import { skbGroReceive } from './skb-gro-receive.ts';
import { tcp4GsoSegment } from './tcp-gso.ts';

/** Where the checksum lies in the header. */
const CHECK_OFFSET = 16;
/** Flags that may differ between packets that are merged; CWR only in the first one. */
const MAY_DIFFER = tcp.CWR | tcp.FIN | tcp.PSH;
/** Flags after which the receiver should see the packet at once. */
const ENDS = tcp.URG | tcp.PSH | tcp.RST | tcp.SYN | tcp.FIN;

/** Merging and cutting of TCP segments. @kernel net/ipv4/tcp_offload.c tcpv4_offload */
export const tcpOffload: InetOffload = {
  protocol: ip.PROTO_TCP,
  groReceive: tcp4GroReceive,
  groComplete: tcp4GroComplete,
  gsoSegment: tcp4GsoSegment,
};

/** @kernel net/ipv4/tcp_offload.c tcp4_gro_receive() */
function tcp4GroReceive(held: GroList, skb: SkBuff): SkBuff | null {
  if (!groHeader(skb, tcp.LENGTH) || !groChecksumValidate(skb, ip.PROTO_TCP)) {
    skb.cb[FLUSH] = 1;
    return null;
  }
  const length = tcp.headerLength(skb);
  if (length < tcp.LENGTH || !groHeader(skb, length)) {
    skb.cb[FLUSH] = 1;
    return null;
  }
  skb.cb[DATA_OFFSET] += length;
  return tcpGroReceive(held, skb, length);
}

/** @kernel net/ipv4/tcp_offload.c tcp_gro_receive() */
function tcpGroReceive(bucket: GroList, skb: SkBuff, headerLength: number): SkBuff | null {
  const held = tcpGroLookup(bucket, skb);
  const flags = tcp.flags(skb);
  if (held === null) {
    if (groLen(skb) === 0 || (flags & ENDS) !== 0) skb.cb[FLUSH] = 1;
    return null;
  }
  const mss = held.shinfo.gsoSize;
  const mode = continues(held, skb, headerLength, mss) ? inetGroMode(held, skb) : ID_UNKNOWN;
  const short = isShort(skb, mss); // looked at now: merging changes the lengths
  if (mode === ID_UNKNOWN || !skbGroReceive(held, skb)) {
    if (groLen(skb) === 0 || (flags & ENDS) !== 0) skb.cb[FLUSH] = 1;
    return held;
  }
  held.cb[ID_MODE] = mode;
  const ends = flags & (tcp.FIN | tcp.PSH);
  if (ends !== 0) tcp.setLengthAndFlags(held, headerLength, tcp.flags(held) | ends);
  return short || (flags & ENDS) !== 0 ? held : null;
}

/** The held packet of the same connection, if any. @kernel net/ipv4/tcp_offload.c tcp_gro_lookup() */
function tcpGroLookup(bucket: GroList, skb: SkBuff): SkBuff | null {
  const { view } = skb.arena;
  const ports = view.getInt32(skb.transportHeader);
  for (let held = bucket.first; held !== null; held = held.next) {
    if (held.cb[SAME_FLOW] === 0) continue;
    if (view.getInt32(held.transportHeader) === ports) return held;
    held.cb[SAME_FLOW] = 0;
  }
  return null;
}

/** Whether the segment follows the held ones and differs from them in nothing that could not be restored. */
function continues(held: SkBuff, skb: SkBuff, headerLength: number, mss: number): boolean {
  const flags = tcp.flags(skb);
  if (skb.cb[FLUSH] !== 0 || held.cb[FLUSH] !== 0 || (flags & tcp.CWR) !== 0) return false;
  if (((flags ^ tcp.flags(held)) & ~MAY_DIFFER) !== 0) return false;
  if (tcp.window(skb) !== tcp.window(held) || tcp.ackSeq(skb) !== tcp.ackSeq(held)) return false;
  if (tcp.headerLength(held) !== headerLength || !sameOptions(held, skb, headerLength)) return false;
  const length = groLen(skb);
  if (skb.isGso ? skb.shinfo.gsoSize !== mss : length === 0 || length > mss) return false;
  const heldData = held.len - (held.transportHeader - held.data) - headerLength;
  return ((tcp.seq(held) + heldData) | 0) === tcp.seq(skb);
}

function sameOptions(held: SkBuff, skb: SkBuff, headerLength: number): boolean {
  const { view } = skb.arena;
  const a = held.transportHeader;
  const b = skb.transportHeader;
  for (let at = tcp.LENGTH; at < headerLength; at += 4)
    if (view.getInt32(a + at) !== view.getInt32(b + at)) return false;
  return true;
}

/** A segment that is not full is the last one: nothing can follow it that would be cut off again in the same place. */
function isShort(skb: SkBuff, mss: number): boolean {
  const full = skb.isGso ? skb.cb[COUNT] * skb.shinfo.gsoSize : mss;
  return groLen(skb) < full;
}

/** @kernel net/ipv4/tcp_offload.c tcp4_gro_complete() */
function tcp4GroComplete(skb: SkBuff, offset: number): void {
  const { shinfo } = skb;
  skb.transportHeader = skb.data + offset;
  const pseudo = csumPseudo(ip.saddr(skb), ip.daddr(skb), skb.len - offset, ip.PROTO_TCP);
  tcp.setCheck(skb, ~csumFold(pseudo) & 0xffff);
  skb.csumStart = skb.transportHeader;
  skb.csumOffset = CHECK_OFFSET;
  skb.ipSummed = CHECKSUM_PARTIAL;
  shinfo.gsoSegs = skb.cb[COUNT];
  shinfo.gsoType |= SKB_GSO_TCPV4;
  if (skb.cb[ID_MODE] === ID_FIXED) shinfo.gsoType |= SKB_GSO_TCP_FIXEDID;
  if ((tcp.flags(skb) & tcp.CWR) !== 0) shinfo.gsoType |= SKB_GSO_TCP_ECN;
}
