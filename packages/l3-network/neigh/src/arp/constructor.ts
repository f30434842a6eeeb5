import { IFF_LOOPBACK, IFF_NOARP, IFF_POINTOPOINT } from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';
import type { NeighOps, Neighbour } from '../neighbour.ts';
import { NUD_NOARP, NUD_VALID } from '../nud.ts';
import { neighConnectedOutput, neighDirectOutput, neighResolveOutput } from '../output.ts';
import { RTN_BROADCAST, RTN_MULTICAST } from '../rtn.ts';
import type { NeighFamily } from '../table.ts';
import type { ArpState } from './arp.ts';
import { arpSolicit } from './solicit.ts';

/** How neighbours with IPv4 addresses are made. */
export function arpFamily(arp: ArpState): NeighFamily {
  const solicit = (neigh: Neighbour, skb: SkBuff | null): void => arpSolicit(arp, neigh, skb);
  const errorReport = (_neigh: Neighbour, skb: SkBuff): void => arpErrorReport(arp, skb);
  const ops = { solicit, errorReport, output: neighResolveOutput };
  const direct = { ...ops, output: neighDirectOutput, connectedOutput: neighDirectOutput };
  const generic = { ...ops, connectedOutput: neighConnectedOutput };
  const cached = { ...ops, connectedOutput: neighResolveOutput };
  return {
    construct: (neigh) => arpConstructor(arp, neigh, direct, generic, cached),
    isMulticast: (key) => key >>> 28 === 0xe,
  };
}

/**
 * Decides from address and device whether the neighbour must be asked for at all.
 *
 * @kernel net/ipv4/arp.c arp_constructor()
 */
function arpConstructor(
  arp: ArpState,
  neigh: Neighbour,
  direct: NeighOps,
  generic: NeighOps,
  cached: NeighOps,
): number {
  const { dev } = neigh;
  neigh.type = arp.host.addressType(dev, neigh.key);
  if (dev.headerOps === null) {
    neigh.state = NUD_NOARP;
    neigh.ops = direct;
    neigh.output = neighDirectOutput;
    return 0;
  }
  if (neigh.type === RTN_MULTICAST) {
    neigh.state = NUD_NOARP;
    ipEthMcMap(neigh.key, neigh.ha);
  } else if ((dev.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) {
    neigh.state = NUD_NOARP;
    neigh.ha.set(dev.devAddr);
  } else if (neigh.type === RTN_BROADCAST || (dev.flags & IFF_POINTOPOINT) !== 0) {
    neigh.state = NUD_NOARP;
    neigh.ha.set(dev.broadcast);
  }
  neigh.ops = dev.headerOps.cacheable ? cached : generic;
  neigh.output = (neigh.state & NUD_VALID) !== 0 ? neigh.ops.connectedOutput : neigh.ops.output;
  return 0;
}

/**
 * The Ethernet address of an IPv4 multicast group: the low 23 bits of the group.
 *
 * @kernel include/net/ip.h ip_eth_mc_map()
 * @rfc 1112 6.4
 */
export function ipEthMcMap(group: number, into: Uint8Array): void {
  into[0] = 0x01;
  into[1] = 0x00;
  into[2] = 0x5e;
  into[3] = (group >>> 16) & 0x7f;
  into[4] = (group >>> 8) & 0xff;
  into[5] = group & 0xff;
}

/** @kernel net/ipv4/arp.c arp_error_report() */
function arpErrorReport(arp: ArpState, skb: SkBuff): void {
  arp.host.linkFailure(skb);
  skb.drop(DropReason.NEIGH_FAILED);
}
