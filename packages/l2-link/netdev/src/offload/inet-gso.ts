import { ip, SKB_GSO_TCP_FIXEDID, type SkBuff } from '@stack/skb';
import type { NetCore } from '../net-core.ts';

/** Cuts an IPv4 packet, and numbers the pieces. @kernel net/ipv4/af_inet.c inet_gso_segment() */
export function inetGsoSegment(core: NetCore, skb: SkBuff, features: number): SkBuff | null {
  const transport = core.inetOffloads[ip.protocol(skb)];
  const segments = transport?.gsoSegment?.(skb, features) ?? null;
  const step = (skb.shinfo.gsoType & SKB_GSO_TCP_FIXEDID) !== 0 ? 0 : 1;
  let id = ip.id(skb);
  for (let part = segments; part !== null; part = part.next) {
    ip.setId(part, id);
    ip.setTotalLength(part, part.len - (part.networkHeader - part.data));
    ip.sendCheck(part);
    id = (id + step) & 0xffff;
  }
  return segments;
}
