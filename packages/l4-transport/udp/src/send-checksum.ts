import { csumFold, csumPseudo } from '@stack/memory';
import type { Rtable } from '@stack/ipv4';
import { NETIF_F_HW_CSUM, NETIF_F_IP_CSUM } from '@stack/netdev';
import { CHECKSUM_NONE, CHECKSUM_PARTIAL, ip, skbChecksum, udp as header, type SkBuff } from '@stack/skb';
import { coverageToSend } from './lite.ts';
import type { UdpSock } from './udp-sock.ts';

const CHECK_OFFSET = 6;

/**
 * Sets length and checksum, or leaves the sum to the device when it can do it and the datagram will not be fragmented.
 *
 * @kernel net/ipv4/udp.c udp4_hwcsum()
 */
export function setChecksum(sk: UdpSock, skb: SkBuff, route: Rtable, saddr: number, daddr: number): void {
  const { isLite, protocol } = sk.home;
  const covered = isLite ? coverageToSend(sk, skb.len) : skb.len;
  header.setLength(skb, isLite && covered === skb.len ? 0 : covered);
  header.setCheck(skb, 0);
  skb.ipSummed = CHECKSUM_NONE;
  if (sk.noCheckTx && !isLite) return;
  const pseudo = csumPseudo(saddr, daddr, skb.len, protocol);
  if (!isLite && deviceSums(sk, skb, route)) {
    skb.ipSummed = CHECKSUM_PARTIAL;
    skb.csumStart = skb.transportHeader;
    skb.csumOffset = CHECK_OFFSET;
    header.setCheck(skb, ~csumFold(pseudo) & 0xffff);
    return;
  }
  header.setCheck(skb, csumFold(skbChecksum(skb, 0, covered, pseudo)) || 0xffff);
}

function deviceSums(sk: UdpSock, skb: SkBuff, route: Rtable): boolean {
  const able = (route.dev.features & (NETIF_F_HW_CSUM | NETIF_F_IP_CSUM)) !== 0;
  return able && sk.settings.ipOptions === null && skb.len + ip.LENGTH <= route.mtu();
}
