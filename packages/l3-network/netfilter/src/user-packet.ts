import { skbChecksumHelp } from '@stack/netdev';
import { csumFold, csumPseudo } from '@stack/memory';
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  icmp,
  ip,
  pskbExpandHead,
  skbChecksum,
  skbCopyToBytes,
  skbEnsureWritable,
  tcp,
  udp,
  type SkBuff,
} from '@stack/skb';

/** The longest IPv4 packet. */
const MAX_LENGTH = 65_535;

/** A copy of the packet from its IP header on, its checksums made. Null when it is malformed or memory is lacking. */
export function copyOut(skb: SkBuff): Uint8Array | null {
  // A packet that the chip will cut has no checksum of its own yet.
  if (skb.ipSummed === CHECKSUM_PARTIAL && !skb.isGso && !skbChecksumHelp(skb)) return null;
  const bytes = new Uint8Array(skb.len);
  skbCopyToBytes(skb, 0, bytes, 0, skb.len);
  return bytes;
}

/**
 * Puts other bytes in the packet's place, with their length and checksums made right. False when they are no IPv4 packet
 * or memory is lacking; the packet then stays what it was, or is of no more use: drop it.
 *
 * @kernel net/netfilter/nfnetlink_queue.c nfqnl_mangle()
 */
export function mangle(skb: SkBuff, bytes: Uint8Array): boolean {
  const headerLength = (bytes[0] & 0x0f) << 2;
  if (bytes[0] >>> 4 !== 4 || headerLength < ip.LENGTH || bytes.length < headerLength) return false;
  if (bytes.length > MAX_LENGTH || !resize(skb, bytes.length)) return false;
  skb.arena.u8.set(bytes, skb.data);
  skb.resetNetworkHeader();
  skb.transportHeader = skb.networkHeader + headerLength;
  ip.setTotalLength(skb, skb.len);
  ip.sendCheck(skb);
  return ip.isFragment(skb) || sumTransport(skb, headerLength);
}

/** Makes the packet linear, its own, and so long. */
function resize(skb: SkBuff, length: number): boolean {
  if (length < skb.len && !skb.trim(length)) return false;
  if (!skbEnsureWritable(skb, skb.len)) return false;
  const more = length - skb.len;
  if (more > skb.tailroom && !pskbExpandHead(skb, 0, more - skb.tailroom)) return false;
  skb.put(more);
  return true;
}

/** Where a transport has its checksum; -1 when it has none that we know. */
function checkOffset(protocol: number): number {
  if (protocol === ip.PROTO_TCP) return 16;
  if (protocol === ip.PROTO_UDP) return 6;
  return protocol === ip.PROTO_ICMP ? 2 : -1;
}

function leastLength(protocol: number): number {
  return protocol === ip.PROTO_TCP ? tcp.LENGTH : protocol === ip.PROTO_UDP ? udp.LENGTH : icmp.LENGTH;
}

function sumTransport(skb: SkBuff, headerLength: number): boolean {
  const protocol = ip.protocol(skb);
  const offset = checkOffset(protocol);
  if (offset < 0) return true;
  const length = skb.len - headerLength;
  const at = skb.transportHeader + offset;
  if (length < leastLength(protocol)) return false;
  if (protocol === ip.PROTO_UDP) udp.setLength(skb, length);
  const pseudo = protocol === ip.PROTO_ICMP ? 0 : csumPseudo(ip.saddr(skb), ip.daddr(skb), length, protocol);
  const { view } = skb.arena;
  if (skb.isGso && skb.ipSummed === CHECKSUM_PARTIAL) {
    // The chip adds the rest to the sum of the pseudo-header, for each segment that it makes.
    skb.csumStart = skb.transportHeader;
    view.setUint16(at, ~csumFold(pseudo) & 0xffff);
    return true;
  }
  skb.ipSummed = CHECKSUM_NONE;
  if (protocol === ip.PROTO_UDP && view.getUint16(at) === 0) return true;
  view.setUint16(at, 0);
  const check = csumFold(skbChecksum(skb, headerLength, length, pseudo));
  view.setUint16(at, check === 0 && protocol === ip.PROTO_UDP ? 0xffff : check);
  return true;
}
