import { CHECKSUM_PARTIAL, DropReason, skbLinearize, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { NETIF_F_CSUM_MASK, NETIF_F_HW_VLAN_CTAG_TX } from '../constants.ts';
import type { NetDevice } from '../device/net-device.ts';
import { skbGsoSegment } from '../offload/gso-segment.ts';
import { skbVlanPushInside } from '../receive/vlan.ts';
import { skbChecksumHelp } from './checksum-help.ts';
import { netifNeedsGso, netifSkbFeatures, skbNeedsLinearize } from './skb-features.ts';

/**
 * Does in software what the device cannot do for this packet: the tag, segments, one piece, the checksum. Gives back
 * the packet, or a list of segments in its place; null when it had to be dropped.
 *
 * @kernel net/core/dev.c validate_xmit_skb()
 */
export function validateXmitSkb(skb: SkBuff, dev: NetDevice): SkBuff | null {
  const features = netifSkbFeatures(skb, dev);
  if (skb.vlanPresent && (features & NETIF_F_HW_VLAN_CTAG_TX) === 0 && !skbVlanPushInside(skb)) {
    return refuse(skb, dev, DropReason.NOMEM);
  }
  if (netifNeedsGso(skb, features)) return segmented(skb, dev, features);
  if (skbNeedsLinearize(skb, features) && !skbLinearize(skb)) return refuse(skb, dev, DropReason.NOMEM);
  if (skb.ipSummed === CHECKSUM_PARTIAL && (features & NETIF_F_CSUM_MASK) === 0 && !skbChecksumHelp(skb)) {
    return refuse(skb, dev, DropReason.SKB_CSUM);
  }
  return skb;
}

/** The same for a list. @kernel net/core/dev.c validate_xmit_skb_list() */
export function validateXmitSkbList(list: SkBuff, dev: NetDevice): SkBuff | null {
  if (list.next === null) return validateXmitSkb(list, dev);
  let first: SkBuff | null = null;
  let last: SkBuff | null = null;
  for (let skb: SkBuff | null = list; skb !== null;) {
    const next: SkBuff | null = skb.next;
    skb.next = null;
    const valid = validateXmitSkb(skb, dev);
    if (valid !== null) {
      if (last === null) first = valid;
      else last.next = valid;
      last = lastOf(valid);
    }
    skb = next;
  }
  return first;
}

function segmented(skb: SkBuff, dev: NetDevice, features: number): SkBuff | null {
  const segments = skbGsoSegment(skb, features);
  if (segments === null) return refuse(skb, dev, DropReason.SKB_GSO_SEG);
  if (tracing.on) trace('validate_xmit_skb', skb, 'segmented');
  skb.consume();
  return segments;
}

function refuse(skb: SkBuff, dev: NetDevice, reason: number): null {
  dev.stats.txDropped++;
  skb.drop(reason);
  return null;
}

function lastOf(list: SkBuff): SkBuff {
  let skb = list;
  while (skb.next !== null) skb = skb.next;
  return skb;
}
