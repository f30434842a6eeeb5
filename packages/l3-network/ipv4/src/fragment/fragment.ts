import { llReservedSpace } from '@stack/neigh';
import { skbChecksumHelp } from '@stack/netdev';
import type { OkFn } from '@stack/netfilter';
import { EINVAL, EMSGSIZE, ENOMEM } from '@stack/plugin';
import { CHECKSUM_PARTIAL, DropReason, icmp, ip, skbCopyBits, skbHandOnTimestamps, type SkBuff } from '@stack/skb';
import { trace, traceBorn, tracing } from '@stack/trace';
import { icmpSend } from '../icmp/send.ts';
import { IPCB_FLAGS, IPCB_FRAG_MAX_SIZE, IPSKB_FRAG_PMTU } from '../ipcb.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ipOptionsFragment } from '../output/options-build.ts';
import { skbRtable } from '../route/route.ts';

/**
 * A packet larger than `mtu` bytes: in pieces to `output`, or, if it may not be fragmented, back to its sender as an
 * ICMP error. Owns the skb.
 *
 * @kernel net/ipv4/ip_output.c ip_fragment()
 */
export function ipFragment(net: NetnsIpv4, skb: SkBuff, mtu: number, output: OkFn): number {
  if (tracing.on) trace('ip_fragment', skb, mtu);
  const largest = skb.cb[IPCB_FRAG_MAX_SIZE];
  if ((ip.fragOff(skb) & ip.DF) === 0) return ipDoFragment(net, skb, mtu, output);
  if (!skb.ignoreDf || (largest !== 0 && largest > mtu)) {
    net.mib.counts[IpMib.IpFragFails]++;
    icmpSend(net, skb, icmp.DEST_UNREACH, icmp.FRAG_NEEDED, mtu);
    skb.drop(DropReason.PKT_TOO_BIG);
    return -EMSGSIZE;
  }
  return ipDoFragment(net, skb, mtu, output);
}

/**
 * Cuts a packet into fragments of at most `limit` bytes, in units of 8 bytes of data, and sends each. A fragment can be
 * fragmented again.
 *
 * @kernel net/ipv4/ip_output.c ip_do_fragment()
 * @rfc 791 2.3
 */
export function ipDoFragment(net: NetnsIpv4, skb: SkBuff, limit: number, output: OkFn): number {
  if (tracing.on) trace('ip_do_fragment', skb);
  if (skb.ipSummed === CHECKSUM_PARTIAL && !skbChecksumHelp(skb)) return failed(net, skb, -ENOMEM);
  const header = ip.headerLength(skb);
  const largest = skb.cb[IPCB_FRAG_MAX_SIZE];
  const mtu = (largest !== 0 && largest < limit ? largest : limit) - header;
  if (mtu < 8) return failed(net, skb, -EINVAL);
  const begin = (ip.fragOff(skb) & ip.OFFSET_MASK) << 3;
  const moreBehind = (ip.fragOff(skb) & ip.MF) !== 0;
  const total = skb.len - header;
  for (let done = 0; done < total;) {
    const rest = total - done;
    const length = rest <= mtu ? rest : mtu & ~7;
    const piece = ipFragNext(skb, header, done, length);
    if (piece === null) return failed(net, skb, -ENOMEM);
    setPlace(skb, piece, begin + done, moreBehind || length < rest);
    if (done === 0 && skb.shinfo.txFlags !== 0) skbHandOnTimestamps(piece, skb);
    // The options of the first fragment are complete; those behind take after the template.
    if (done === 0 && header > ip.LENGTH) ipOptionsFragment(skb);
    done += length;
    ip.sendCheck(piece);
    net.mib.counts[IpMib.IpFragCreates]++;
    const error = output(piece);
    if (error !== 0) return failed(net, skb, error);
  }
  net.mib.counts[IpMib.IpFragOKs]++;
  skb.consume();
  return 0;
}

/** A packet with the header of `skb` and `length` bytes of its data; null when memory is lacking. @kernel net/ipv4/ip_output.c ip_frag_next() */
function ipFragNext(skb: SkBuff, header: number, offset: number, length: number): SkBuff | null {
  const room = llReservedSpace(skbRtable(skb).dev);
  const piece = skb.pool.alloc(room + header + length);
  if (piece === null) return null;
  ipCopyMetadata(piece, skb);
  piece.reserve(room);
  piece.put(header + length);
  piece.resetNetworkHeader();
  piece.transportHeader = piece.networkHeader + header;
  skb.arena.copy(piece.networkHeader, skb.networkHeader, header);
  skbCopyBits(skb, header + offset, piece.transportHeader, length);
  ip.setTotalLength(piece, header + length);
  if (tracing.on) traceBorn(piece, skb);
  return piece;
}

function setPlace(skb: SkBuff, piece: SkBuff, offset: number, more: boolean): void {
  const df = (skb.cb[IPCB_FLAGS] & IPSKB_FRAG_PMTU) !== 0 ? ip.DF : 0;
  ip.setFragOff(piece, (offset >>> 3) | (more ? ip.MF : 0) | df);
}

/** @kernel net/ipv4/ip_output.c ip_copy_metadata() */
function ipCopyMetadata(to: SkBuff, from: SkBuff): void {
  to.pktType = from.pktType;
  to.priority = from.priority;
  to.protocol = from.protocol;
  to.dst = from.dst;
  to.dev = from.dev;
  to.mark = from.mark;
  to.hash = from.hash;
  to.cb[IPCB_FLAGS] = from.cb[IPCB_FLAGS];
  to.cb[IPCB_FRAG_MAX_SIZE] = 0;
}

function failed(net: NetnsIpv4, skb: SkBuff, error: number): number {
  net.mib.counts[IpMib.IpFragFails]++;
  skb.drop(DropReason.NOT_SPECIFIED);
  return error;
}
