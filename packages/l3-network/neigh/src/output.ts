import { devQueueXmit, NET_XMIT_DROP, type NetDevice } from '@stack/netdev';
import { EINVAL } from '@stack/plugin';
import { DropReason, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { neighConfirm, neighEventSend } from './event.ts';
import type { Neighbour } from './neighbour.ts';
import { NUD_CONNECTED } from './nud.ts';

/** Bytes of a cached header as they are copied: four words that end where the packet begins. */
const HH_BYTES = 16;

/** Room in front of a packet for the link header of a device. @kernel include/linux/netdevice.h LL_RESERVED_SPACE() */
export function llReservedSpace(dev: NetDevice): number {
  return (dev.hardHeaderLen & ~(HH_BYTES - 1)) + HH_BYTES;
}

/**
 * Sends a packet (`data` at the network header, {@link llReservedSpace} bytes in front of it) to a neighbour: with the
 * cached header if the neighbour is surely there, else through its state machine.
 *
 * @kernel include/net/neighbour.h neigh_output()
 */
export function neighOutput(neigh: Neighbour, skb: SkBuff): number {
  if (tracing.on) trace('neigh_output', skb);
  if (skb.dstPendingConfirm) {
    skb.dstPendingConfirm = false;
    neighConfirm(neigh);
  }
  if ((neigh.state & NUD_CONNECTED) !== 0 && neigh.hhLen !== 0) return neighHhOutput(neigh, skb);
  return neigh.output(neigh, skb);
}

/** @kernel include/net/neighbour.h neigh_hh_output() */
function neighHhOutput(neigh: Neighbour, skb: SkBuff): number {
  if (tracing.on) trace('neigh_hh_output', skb);
  if (skb.headroom < HH_BYTES) {
    skb.drop(DropReason.NEIGH_HH_FILLFAIL);
    return NET_XMIT_DROP;
  }
  const { hh } = neigh;
  const { view } = skb.arena;
  const at = skb.data - HH_BYTES;
  view.setInt32(at, hh[0]);
  view.setInt32(at + 4, hh[1]);
  view.setInt32(at + 8, hh[2]);
  view.setInt32(at + 12, hh[3]);
  skb.push(neigh.hhLen);
  return devQueueXmit(skb);
}

/**
 * Resolves the address first, if need be; the packet waits meanwhile.
 *
 * @kernel net/core/neighbour.c neigh_resolve_output()
 */
export function neighResolveOutput(neigh: Neighbour, skb: SkBuff): number {
  if (tracing.on) trace('neigh_resolve_output', skb);
  if (neighEventSend(neigh, skb)) return 0;
  return neighConnectedOutput(neigh, skb);
}

/** The address is known. @kernel net/core/neighbour.c neigh_connected_output() */
export function neighConnectedOutput(neigh: Neighbour, skb: SkBuff): number {
  const { dev } = neigh;
  const offset = skb.networkHeader - skb.data;
  if (offset > 0) skb.pull(offset);
  if (devHardHeader(skb, dev, skb.protocol, neigh.ha, null) < 0) {
    skb.drop(DropReason.NEIGH_HH_FILLFAIL);
    return -EINVAL;
  }
  if (neigh.hhLen === 0 && dev.headerOps!.cacheable) neighHhInit(neigh, skb);
  return devQueueXmit(skb);
}

/** To a device without link-layer headers. @kernel net/core/neighbour.c neigh_direct_output() */
export function neighDirectOutput(_neigh: Neighbour, skb: SkBuff): number {
  return devQueueXmit(skb);
}

/** Writes the link-layer header; negative when the address is not known. @kernel include/linux/netdevice.h dev_hard_header() */
export function devHardHeader(
  skb: SkBuff,
  dev: NetDevice,
  type: number,
  destination: Uint8Array | null,
  source: Uint8Array | null,
): number {
  if (tracing.on) trace('dev_hard_header', skb, dev.name);
  return dev.headerOps === null ? 0 : dev.headerOps.create(skb, dev, type, destination, source);
}

/** Keeps the header that was just written in front of `skb`, for the packets that follow. @kernel net/core/neighbour.c neigh_hh_init() */
function neighHhInit(neigh: Neighbour, skb: SkBuff): void {
  const length = skb.networkHeader - skb.data;
  if (length > HH_BYTES || skb.networkHeader - skb.head < HH_BYTES) return;
  const at = skb.networkHeader - HH_BYTES;
  for (let i = 0; i < neigh.hh.length; i++) neigh.hh[i] = skb.arena.view.getInt32(at + 4 * i);
  neigh.hhLen = length;
}
