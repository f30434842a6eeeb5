import { ip, SKB_GSO_TCPV4, SKB_GSO_UDP_L4, tcp, udp, type SkBuff } from '@stack/skb';

/**
 * Whether each segment of the packet will be at most `mtu` bytes long.
 *
 * @kernel net/core/gso.c skb_gso_validate_network_len()
 */
export function gsoValidateNetworkLen(skb: SkBuff, mtu: number): boolean {
  return ip.headerLength(skb) + gsoTransportSegLen(skb) <= mtu;
}

/** @kernel net/core/gso.c skb_gso_transport_seglen() */
function gsoTransportSegLen(skb: SkBuff): number {
  const { gsoType, gsoSize } = skb.shinfo;
  if ((gsoType & SKB_GSO_TCPV4) !== 0) return tcp.headerLength(skb) + gsoSize;
  if ((gsoType & SKB_GSO_UDP_L4) !== 0) return udp.LENGTH + gsoSize;
  return gsoSize;
}
