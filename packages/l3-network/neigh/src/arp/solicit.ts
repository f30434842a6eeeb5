import { arp, ip, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { Neighbour } from '../neighbour.ts';
import { NUD_VALID } from '../nud.ts';
import { RTN_LOCAL } from '../rtn.ts';
import type { ArpState } from './arp.ts';
import { arpSend } from './send.ts';

/**
 * Asks who has the neighbour's address: first the host that had it last, then everybody.
 *
 * @kernel net/ipv4/arp.c arp_solicit()
 */
export function arpSolicit(state: ArpState, neigh: Neighbour, skb: SkBuff | null): void {
  const { dev, parms } = neigh;
  if (tracing.on && skb !== null) trace('arp_solicit', skb, neigh.probes);
  const source = sourceOf(state, neigh, skb);
  if (source === 0) return;
  const unicast = neigh.probes < parms.ucastProbes && (neigh.state & NUD_VALID) !== 0;
  arpSend({
    operation: arp.REQUEST,
    dev,
    source,
    target: neigh.key,
    to: unicast ? neigh.ha : null,
    targetHardware: null,
  });
}

/** The address the packet comes from if it is ours, as `arp_announce` 0 says; else one that the target may know. */
function sourceOf(state: ArpState, neigh: Neighbour, skb: SkBuff | null): number {
  const { host } = state;
  if (skb !== null) {
    const source = ip.saddr(skb);
    if (host.addressType(neigh.dev, source) === RTN_LOCAL) return source;
  }
  return host.selectSource(neigh.dev, neigh.key);
}
