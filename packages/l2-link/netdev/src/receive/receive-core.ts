import { DropReason, eth, PACKET_OTHERHOST, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { skbDev, type NetDevice } from '../device/net-device.ts';
import { PTYPE_HASH_MASK } from '../net-core.ts';
import { deliverSkb } from './deliver.ts';
import type { PacketType } from './packet-type.ts';
import { skbVlanUntag, VLAN_VID_MASK } from './vlan.ts';

/**
 * Finds who wants the packet. All but the last one get it here; the last one is returned, so that the caller may
 * collect packets for it. Null: nobody wanted it, and it is gone.
 *
 * @kernel net/core/dev.c __netif_receive_skb_core()
 */
export function __netifReceiveSkbCore(skb: SkBuff): PacketType | null {
  const dev = skbDev(skb);
  const { core } = dev;
  if (tracing.on) trace('__netif_receive_skb_core', skb, dev.name);
  if (core.netstampNeeded && skb.tstamp === 0) skb.tstamp = core.clock.now();
  skb.resetNetworkHeader();
  if (skb.transportHeader === 0) skb.resetTransportHeader();
  skb.macLen = skb.networkHeader - skb.macHeader;
  core.softnet.processed++;
  if (skb.protocol === eth.TYPE_VLAN && !skbVlanUntag(skb)) return unhandled(skb, dev, DropReason.PKT_TOO_SMALL);

  let last: PacketType | null = null;
  if (core.ptypeAll.length > 0) last = deliverAll(skb, core.ptypeAll, dev, last);
  if (dev.ptypeAll.length > 0) last = deliverAll(skb, dev.ptypeAll, dev, last);
  if (dev.ingress !== null) {
    if (last !== null) deliverSkb(skb, last, dev);
    last = null;
    if (!dev.ingress.handle(skb)) return null;
  }
  if (skb.vlanPresent) {
    // The taps see the packet with its tag.
    if (last !== null) deliverSkb(skb, last, dev);
    last = null;
    if (!clearVlan(skb)) return unhandled(skb, dev, DropReason.PKT_TOO_SMALL);
  }
  const { protocol } = skb;
  last = deliverPtypeList(skb, core.ptypeBase[protocol & PTYPE_HASH_MASK], protocol, dev, last);
  if (dev.ptypeSpecific.length > 0) last = deliverPtypeList(skb, dev.ptypeSpecific, protocol, dev, last);
  return last ?? unhandled(skb, dev, DropReason.UNHANDLED_PROTO);
}

function deliverAll(skb: SkBuff, types: readonly PacketType[], dev: NetDevice, before: PacketType | null): PacketType {
  let last = before;
  for (let i = 0; i < types.length; i++) {
    if (last !== null) deliverSkb(skb, last, dev);
    last = types[i];
  }
  return last!;
}

/** @kernel net/core/dev.c deliver_ptype_list_skb() */
function deliverPtypeList(
  skb: SkBuff,
  types: readonly PacketType[],
  protocol: number,
  dev: NetDevice,
  before: PacketType | null,
): PacketType | null {
  let last = before;
  for (let i = 0; i < types.length; i++) {
    if (types[i].type !== protocol) continue;
    if (last !== null) deliverSkb(skb, last, dev);
    last = types[i];
  }
  return last;
}

/**
 * No device of this host has the network of the tag, so the packet is for somebody else; network 0 is a priority
 * alone, which we ignore. False when there is another tag behind that cannot be read.
 */
function clearVlan(skb: SkBuff): boolean {
  if ((skb.vlanTci & VLAN_VID_MASK) !== 0) {
    skb.pktType = PACKET_OTHERHOST;
  } else if (skb.protocol === eth.TYPE_VLAN) {
    skb.vlanPresent = false;
    if (!skbVlanUntag(skb)) return false;
    if ((skb.vlanTci & VLAN_VID_MASK) !== 0) skb.pktType = PACKET_OTHERHOST;
  }
  skb.vlanPresent = false;
  return true;
}

function unhandled(skb: SkBuff, dev: NetDevice, reason: number): null {
  if (reason === DropReason.UNHANDLED_PROTO) dev.stats.rxNohandler++;
  else dev.stats.rxDropped++;
  skb.drop(reason);
  return null;
}
