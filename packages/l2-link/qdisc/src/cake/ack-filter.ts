import { ip, isIpv4, portsOf, tcp, type SkBuff } from '@stack/skb';
import { optionsAllow, sackCompare } from './ack-options.ts';
import type { CakeFlow } from './flow.ts';

/** Whether acknowledgements that later ones make needless are dropped, and whether one may be the last of its kind. */
export type AckFilter = 'no-ack-filter' | 'ack-filter' | 'ack-filter-aggressive';

/** What would be lost with the packet; ECE and CWR are looked at apart. */
const OTHER_FLAGS = tcp.FIN | tcp.SYN | tcp.RST | tcp.PSH | tcp.URG | tcp.AE;
const ECN_FLAGS = tcp.ECE | tcp.CWR;

/**
 * The acknowledgement that the packet which just came makes needless: one of the same connection, without data and without
 * anything to tell that the newer one does not. Two have to be found, so that the receiver of a duplicate still sees
 * duplicates; in the aggressive mode one suffices. The caller drops it. Null when there is none.
 *
 * @kernel net/sched/sch_cake.c cake_ack_filter()
 */
export function needlessAck(flow: CakeFlow, filter: AckFilter): SkBuff | null {
  const newest = flow.packets.last!;
  if (newest.prev === null || !isTcp(newest)) return null;
  if ((tcp.flags(newest) & (tcp.ACK | tcp.SYN)) !== tcp.ACK) return null;
  let found: SkBuff | null = null;
  for (let skb = flow.packets.first!; skb !== newest; skb = skb.next!) {
    if (!isTcp(skb) || !sameConnection(skb, newest)) continue;
    // A change of ECE or CWR is news, so the packet before the change has to stay.
    if (found !== null && ecnOf(found) !== ecnOf(skb)) found = null;
    if (!isNeedless(skb, newest)) continue;
    if (found !== null) return found;
    found = skb;
  }
  const consecutive = found !== null && found === newest.prev && ecnOf(found) === ecnOf(newest);
  return filter === 'ack-filter-aggressive' && consecutive ? found : null;
}

/** An IPv4 packet with a whole TCP header; `transportHeader` points at it. */
function isTcp(skb: SkBuff): boolean {
  if (!isIpv4(skb) || ip.protocol(skb) !== ip.PROTO_TCP || portsOf(skb) === 0) return false;
  const start = skb.networkHeader + ip.headerLength(skb);
  if (!skb.mayPull(start - skb.data + tcp.LENGTH)) return false;
  skb.transportHeader = skb.networkHeader + ip.headerLength(skb);
  return tcp.headerLength(skb) >= tcp.LENGTH && skb.mayPull(skb.transportHeader - skb.data + tcp.headerLength(skb));
}

function sameConnection(one: SkBuff, other: SkBuff): boolean {
  return (
    ip.saddr(one) === ip.saddr(other) &&
    ip.daddr(one) === ip.daddr(other) &&
    tcp.source(one) === tcp.source(other) &&
    tcp.dest(one) === tcp.dest(other)
  );
}

const ecnOf = (skb: SkBuff): number => tcp.flags(skb) & ECN_FLAGS;

/** Whether `newer` tells all that a pure acknowledgement does. */
function isNeedless(skb: SkBuff, newer: SkBuff): boolean {
  const flags = tcp.flags(skb);
  if ((flags & tcp.ACK) === 0 || (flags & OTHER_FLAGS) !== 0) return false;
  if (ip.totalLength(skb) !== ip.headerLength(skb) + tcp.headerLength(skb)) return false;
  const ahead = (tcp.ackSeq(newer) - tcp.ackSeq(skb)) | 0;
  if (ahead < 0 || !optionsAllow(skb, newer)) return false;
  const more = sackCompare(skb, newer);
  return more > 0 || (more === 0 && ahead > 0);
}
