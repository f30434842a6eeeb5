import { eth, skbCowHead, type SkBuff } from '@stack/skb';

/** @kernel include/linux/if_vlan.h VLAN_HLEN */
const VLAN_HLEN = 4;
/** The addresses in front of a tag. */
const ADDRESSES = 2 * eth.ALEN;
/** The number of the network in the tag; the bits above are priority. @kernel include/uapi/linux/if_vlan.h VLAN_VID_MASK */
export const VLAN_VID_MASK = 0x0fff;
export const VLAN_PRIO_SHIFT = 13;

/**
 * Takes the tag of a received frame out of it and into `vlanTci`. `data` is behind the Ethernet header, at the tag.
 * False when the frame is too short.
 *
 * @kernel net/core/skbuff.c skb_vlan_untag()
 */
export function skbVlanUntag(skb: SkBuff): boolean {
  if (!skb.mayPull(VLAN_HLEN)) return false;
  if (skb.isCloned && !skbCowHead(skb, 0)) return false;
  skb.vlanPresent = true;
  skb.vlanTci = skb.u16(0);
  skb.protocol = skb.u16(2);
  skb.pull(VLAN_HLEN);
  skb.arena.copy(skb.macHeader + VLAN_HLEN, skb.macHeader, ADDRESSES);
  skb.macHeader += VLAN_HLEN;
  eth.setType(skb, skb.protocol);
  skb.resetNetworkHeader();
  skb.resetTransportHeader();
  skb.macLen = skb.networkHeader - skb.macHeader;
  return true;
}

/**
 * Puts `vlanTci` into a frame to be sent, for a device that cannot. False when memory is lacking.
 *
 * @kernel include/linux/if_vlan.h __vlan_hwaccel_push_inside()
 */
export function skbVlanPushInside(skb: SkBuff): boolean {
  if (!skbCowHead(skb, VLAN_HLEN)) return false;
  const at = skb.push(VLAN_HLEN);
  skb.arena.copy(at, at + VLAN_HLEN, ADDRESSES);
  skb.resetMacHeader();
  skb.arena.view.setUint16(at + ADDRESSES, eth.TYPE_VLAN);
  skb.arena.view.setUint16(at + ADDRESSES + 2, skb.vlanTci);
  skb.protocol = eth.TYPE_VLAN;
  skb.vlanPresent = false;
  return true;
}
