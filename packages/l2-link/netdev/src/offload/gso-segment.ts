import { eth, type SkBuff } from '@stack/skb';
import { trace, traceBorn, tracing } from '@stack/trace';
import { skbDev } from '../device/net-device.ts';
import { findPacketOffload } from './offloads.ts';

/**
 * Cuts a packet into segments that the device can carry. `data` is at the link-layer header. Returns their list, or
 * null when that cannot be done; the packet stays with the caller. Who has paid for the packet goes along with the
 * last segment.
 *
 * @kernel net/core/gso.c __skb_gso_segment()
 */
export function skbGsoSegment(skb: SkBuff, features: number): SkBuff | null {
  if (tracing.on) trace('skb_gso_segment', skb, skb.shinfo.gsoSize);
  const offload = findPacketOffload(skbDev(skb).core, skbNetworkProtocol(skb));
  const segments = offload?.gsoSegment?.(skb, features) ?? null;
  if (segments === null) return null;
  let last = segments;
  while (last.next !== null) last = last.next;
  handOver(skb, last);
  if (tracing.on) for (let part: SkBuff | null = segments; part !== null; part = part.next) traceBorn(part, skb);
  return segments;
}

/** The ethertype behind a tag. @kernel net/core/gso.c skb_network_protocol() */
function skbNetworkProtocol(skb: SkBuff): number {
  return skb.protocol === eth.TYPE_VLAN ? skb.arena.view.getUint16(skb.networkHeader - 2) : skb.protocol;
}

/** The socket's budget is charged with the packet's truesize until the last segment is sent. */
function handOver(skb: SkBuff, last: SkBuff): void {
  if (skb.destructor === null) return;
  last.sk = skb.sk;
  last.destructor = skb.destructor;
  last.truesize = skb.truesize;
  skb.sk = null;
  skb.destructor = null;
}
