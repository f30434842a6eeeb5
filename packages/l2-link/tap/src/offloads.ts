import {
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  SKB_GSO_DODGY,
  SKB_GSO_TCP_ECN,
  SKB_GSO_TCPV4,
  type SkBuff,
} from '@stack/skb';
import * as vnet from './vnet-header.ts';

/** Bytes of the shortest TCP header, and where its length stands. */
const TCP_HEADER = 20;
const TCP_DOFF = 12;

/**
 * What the header in front of a received frame says of its checksum and its segments. False when it cannot be true.
 *
 * @kernel include/linux/virtio_net.h virtio_net_hdr_to_skb()
 */
export function readOffloads(header: DataView, skb: SkBuff): boolean {
  const flags = header.getUint8(vnet.FLAGS);
  if (flags & vnet.NEEDS_CSUM) {
    const start = header.getUint16(vnet.CSUM_START, true);
    const offset = header.getUint16(vnet.CSUM_OFFSET, true);
    if (start + offset + 2 > skb.headlen) return false;
    skb.ipSummed = CHECKSUM_PARTIAL;
    skb.csumStart = skb.data + start;
    skb.csumOffset = offset;
  } else if (flags & vnet.DATA_VALID) skb.ipSummed = CHECKSUM_UNNECESSARY;
  const type = header.getUint8(vnet.GSO_TYPE);
  return type === vnet.GSO_NONE || readSegments(header, skb, type);
}

/** Other kinds of segments the kernel was not allowed to leave to us, except those of IPv6. */
function readSegments(header: DataView, skb: SkBuff, type: number): boolean {
  const size = header.getUint16(vnet.GSO_SIZE, true);
  if ((type & ~vnet.GSO_ECN) !== vnet.GSO_TCPV4 || size === 0 || skb.ipSummed !== CHECKSUM_PARTIAL) return false;
  const tcp = skb.csumStart - skb.data;
  if (tcp + TCP_HEADER > skb.headlen) return false;
  const { shinfo } = skb;
  shinfo.gsoSize = size;
  shinfo.gsoType = SKB_GSO_TCPV4 | SKB_GSO_DODGY | (type & vnet.GSO_ECN ? SKB_GSO_TCP_ECN : 0);
  shinfo.gsoSegs = Math.ceil((skb.len - tcp - tcpHeaderLength(skb)) / size);
  return true;
}

/**
 * Says in front of a frame what the kernel must still do to it.
 *
 * @kernel include/linux/virtio_net.h virtio_net_hdr_from_skb()
 */
export function writeOffloads(header: DataView, skb: SkBuff): void {
  const partial = skb.ipSummed === CHECKSUM_PARTIAL;
  header.setUint8(vnet.FLAGS, partial ? vnet.NEEDS_CSUM : 0);
  header.setUint16(vnet.CSUM_START, partial ? skb.csumStart - skb.data : 0, true);
  header.setUint16(vnet.CSUM_OFFSET, partial ? skb.csumOffset : 0, true);
  const { gsoSize, gsoType } = skb.shinfo;
  header.setUint16(vnet.GSO_SIZE, gsoSize, true);
  if (gsoSize === 0) {
    header.setUint8(vnet.GSO_TYPE, vnet.GSO_NONE);
    header.setUint16(vnet.HDR_LEN, 0, true);
  } else {
    header.setUint8(vnet.GSO_TYPE, vnet.GSO_TCPV4 | (gsoType & SKB_GSO_TCP_ECN ? vnet.GSO_ECN : 0));
    header.setUint16(vnet.HDR_LEN, skb.csumStart - skb.data + tcpHeaderLength(skb), true);
  }
}

function tcpHeaderLength(skb: SkBuff): number {
  return (skb.arena.u8[skb.csumStart + TCP_DOFF] >>> 4) * 4;
}
