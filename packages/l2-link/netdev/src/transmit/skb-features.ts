import {
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  eth,
  ip,
  SKB_GSO_DODGY,
  SKB_GSO_TCP_ACCECN,
  SKB_GSO_TCP_ECN,
  SKB_GSO_TCPV4,
  type SkBuff,
} from '@stack/skb';
import {
  NETIF_F_CSUM_MASK,
  NETIF_F_FRAGLIST,
  NETIF_F_GSO_ACCECN,
  NETIF_F_GSO_MASK,
  NETIF_F_HW_CSUM,
  NETIF_F_IP_CSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO_ECN,
} from '../constants.ts';
import type { NetDevice } from '../device/net-device.ts';

/** What the device can do for this very packet. @kernel net/core/dev.c netif_skb_features() */
export function netifSkbFeatures(skb: SkBuff, dev: NetDevice): number {
  let features = dev.features;
  if (skb.isGso && (skb.shinfo.gsoSegs > dev.gsoMaxSegs || skb.len > dev.gsoMaxSize + dev.hardHeaderLen)) {
    features &= ~NETIF_F_GSO_MASK;
  }
  if (skb.ipSummed === CHECKSUM_PARTIAL && !canChecksum(skb, features)) {
    features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
  }
  return features;
}

/** @kernel net/core/dev.c can_checksum_protocol() */
function canChecksum(skb: SkBuff, features: number): boolean {
  if ((features & NETIF_F_HW_CSUM) !== 0) return true;
  if ((features & NETIF_F_IP_CSUM) === 0 || skb.protocol !== eth.TYPE_IPV4) return false;
  const protocol = ip.protocol(skb);
  return protocol === ip.PROTO_TCP || protocol === ip.PROTO_UDP;
}

/** Whether the packet must be segmented before this device gets it. @kernel include/linux/netdevice.h netif_needs_gso() */
export function netifNeedsGso(skb: SkBuff, features: number): boolean {
  if (!skb.isGso) return false;
  if (!gsoOk(skb, features)) return true;
  return skb.ipSummed !== CHECKSUM_PARTIAL && skb.ipSummed !== CHECKSUM_UNNECESSARY;
}

/** @kernel include/linux/netdevice.h skb_gso_ok() */
function gsoOk(skb: SkBuff, features: number): boolean {
  let left = skb.shinfo.gsoType & ~SKB_GSO_DODGY;
  if ((features & NETIF_F_TSO) !== 0) left &= ~SKB_GSO_TCPV4;
  if ((features & NETIF_F_TSO_ECN) !== 0) left &= ~SKB_GSO_TCP_ECN;
  if ((features & NETIF_F_GSO_ACCECN) !== 0) left &= ~SKB_GSO_TCP_ACCECN;
  return left === 0 && (skb.shinfo.fragList === null || (features & NETIF_F_FRAGLIST) !== 0);
}

/** Whether the packet has parts where this device takes only one piece. @kernel include/linux/skbuff.h skb_needs_linearize() */
export function skbNeedsLinearize(skb: SkBuff, features: number): boolean {
  if (skb.dataLen === 0) return false;
  if (skb.shinfo.fragList !== null && (features & NETIF_F_FRAGLIST) === 0) return true;
  return skb.shinfo.nrFrags > 0 && (features & NETIF_F_SG) === 0;
}
