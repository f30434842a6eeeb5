import { csumFold } from '@stack/memory';
import { eth, ip, type SkBuff } from '@stack/skb';
import type { GroList } from '../napi/gro-list.ts';
import type { NetCore } from '../net-core.ts';
import { COUNT, DATA_OFFSET, FLUSH, ID_FIXED, ID_INCREMENTS, ID_MODE, ID_UNKNOWN, SAME_FLOW } from './gro-cb.ts';
import { groHeader, groLen } from './gro-header.ts';
import { inetGsoSegment } from './inet-gso.ts';
import type { PacketOffload } from './offloads.ts';

/** Version 4 and a header without options, in the first byte. */
const PLAIN = 0x45;

/** Merging and cutting of IPv4 packets. @kernel net/ipv4/af_inet.c ip_packet_offload */
export function inetOffload(core: NetCore): PacketOffload {
  return {
    type: eth.TYPE_IPV4,
    groReceive: (held, skb) => inetGroReceive(core, held, skb),
    groComplete: (skb, offset) => inetGroComplete(core, skb, offset),
    gsoSegment: (skb, features) => inetGsoSegment(core, skb, features),
  };
}

/** @kernel net/ipv4/af_inet.c inet_gro_receive() */
function inetGroReceive(core: NetCore, held: GroList, skb: SkBuff): SkBuff | null {
  const { cb, arena } = skb;
  const offset = cb[DATA_OFFSET];
  if (!groHeader(skb, ip.LENGTH)) return null;
  skb.networkHeader = skb.data + offset;
  const transport = core.inetOffloads[ip.protocol(skb)];
  if (
    transport === null ||
    transport.groReceive === undefined ||
    ip.versionIhl(skb) !== PLAIN ||
    ip.totalLength(skb) !== groLen(skb) ||
    (ip.fragOff(skb) & ~ip.DF) !== 0 ||
    csumFold(arena.checksum(skb.networkHeader, ip.LENGTH, 0)) !== 0
  ) {
    cb[FLUSH] = 1;
    return null;
  }
  const source = ip.saddr(skb);
  const destination = ip.daddr(skb);
  for (let other = held.first; other !== null; other = other.next) {
    if (other.cb[SAME_FLOW] === 0) continue;
    if (ip.saddr(other) !== source || ip.daddr(other) !== destination || ip.protocol(other) !== ip.protocol(skb)) {
      other.cb[SAME_FLOW] = 0;
    }
  }
  cb[DATA_OFFSET] = offset + ip.LENGTH;
  skb.transportHeader = skb.networkHeader + ip.LENGTH;
  return transport.groReceive(held, skb);
}

/**
 * How the IP ids go on if `skb` follows the held packet, as an ID_* mode: counting up, or always the same where they
 * mean nothing (DF). ID_UNKNOWN when it may not follow, for this or because TTL, TOS or DF differ.
 *
 * @kernel include/net/gro.h inet_gro_flush()
 */
export function inetGroMode(held: SkBuff, skb: SkBuff): number {
  const fragOff = ip.fragOff(skb);
  if (ip.ttl(held) !== ip.ttl(skb) || ip.tos(held) !== ip.tos(skb) || ip.fragOff(held) !== fragOff) return ID_UNKNOWN;
  const mode = held.cb[ID_MODE];
  const first = ip.id(held);
  const id = ip.id(skb);
  if (mode !== ID_FIXED && id === ((first + held.cb[COUNT]) & 0xffff)) return ID_INCREMENTS;
  return mode !== ID_INCREMENTS && id === first && fragOff === ip.DF ? ID_FIXED : ID_UNKNOWN;
}

/** @kernel net/ipv4/af_inet.c inet_gro_complete() */
function inetGroComplete(core: NetCore, skb: SkBuff, offset: number): void {
  skb.networkHeader = skb.data + offset;
  ip.setTotalLength(skb, skb.len - offset);
  ip.sendCheck(skb);
  core.inetOffloads[ip.protocol(skb)]!.groComplete!(skb, offset + ip.LENGTH);
}
