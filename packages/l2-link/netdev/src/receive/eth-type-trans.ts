import { eth, PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PACKET_OTHERHOST, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import type { NetDevice } from '../device/net-device.ts';

/** Ethertypes begin here; smaller numbers are lengths of IEEE 802.3. @kernel include/uapi/linux/if_ether.h ETH_P_802_3_MIN */
const ETH_P_802_3_MIN = 0x0600;
/** IEEE 802.2 frames, and raw 802.3 without a header of its own. */
const ETH_P_802_2 = 0x0004;
const ETH_P_802_3 = 0x0001;

/**
 * Takes the Ethernet header off a received frame: sets `dev`, `macHeader` and `pktType`, and returns the protocol,
 * which the driver stores in `skb.protocol`. The frame has at least a header.
 *
 * @kernel net/ethernet/eth.c eth_type_trans()
 */
export function ethTypeTrans(skb: SkBuff, dev: NetDevice): number {
  skb.dev = dev;
  skb.resetMacHeader();
  skb.pull(eth.LENGTH);
  if (!eth.isTo(skb, dev.devAddr)) skb.pktType = otherPktType(skb);
  else skb.pktType = PACKET_HOST;
  if (tracing.on) trace('eth_type_trans', skb, dev.name);
  const type = eth.type(skb);
  if (type >= ETH_P_802_3_MIN) return type;
  return skb.len >= 2 && skb.u16(0) === 0xffff ? ETH_P_802_3 : ETH_P_802_2;
}

function otherPktType(skb: SkBuff): number {
  if (!eth.isGroup(skb)) return PACKET_OTHERHOST;
  return eth.isBroadcast(skb) ? PACKET_BROADCAST : PACKET_MULTICAST;
}
