import { csumFold, csumPseudo } from '@stack/memory';
import { CHECKSUM_PARTIAL, eth, ip, skbCowHead, tcp, type SkBuff } from '@stack/skb';
import {
  DESC_SIZE,
  TXD_CMD_DEXT,
  TXD_CMD_IP,
  TXD_CMD_TCP,
  TXD_CMD_TSE,
  TXD_HDRLEN_SHIFT,
  TXD_MSS_SHIFT,
} from '../descriptors.ts';
import type { E1000TxRing } from './tx-ring.ts';

/** Where the checksums stand in their headers. */
const IP_CHECK = 10;
const TCP_CHECK = 16;

/**
 * Prepares the headers of a packet that the chip will cut into segments, and says in a context how to. False when
 * memory for headers of its own is lacking.
 *
 * The chip writes total length and checksums of each segment; the TCP checksum begins as that of the pseudo-header
 * without the length.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_tso()
 */
export function e1000Tso(ring: E1000TxRing, skb: SkBuff): boolean {
  if (!skbCowHead(skb, 0)) return false;
  const network = skb.networkHeader - skb.data;
  const transport = skb.transportHeader - skb.data;
  const headers = transport + tcp.headerLength(skb);
  ip.setTotalLength(skb, 0);
  ip.setCheck(skb, 0);
  tcp.setCheck(skb, ~csumFold(csumPseudo(ip.saddr(skb), ip.daddr(skb), 0, ip.PROTO_TCP)));
  writeContext(
    ring,
    network | ((network + IP_CHECK) << 8) | ((transport - 1) << 16),
    transport | ((transport + TCP_CHECK) << 8),
    (skb.len - headers) | TXD_CMD_DEXT | TXD_CMD_TSE | TXD_CMD_IP | TXD_CMD_TCP,
    (headers << TXD_HDRLEN_SHIFT) | (skb.shinfo.gsoSize << TXD_MSS_SHIFT),
  );
  return true;
}

/**
 * Says in a context where the chip shall sum from and store to. False when there is nothing to sum.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_tx_csum()
 */
export function e1000TxCsum(ring: E1000TxRing, skb: SkBuff): boolean {
  if (skb.ipSummed !== CHECKSUM_PARTIAL) return false;
  const start = skb.csumStart - skb.data;
  const isTcp = skb.protocol === eth.TYPE_IPV4 && ip.protocol(skb) === ip.PROTO_TCP;
  writeContext(ring, 0, start | ((start + skb.csumOffset) << 8), TXD_CMD_DEXT | (isTcp ? TXD_CMD_TCP : 0), 0);
  return true;
}

/** Takes the next slot. */
function writeContext(ring: E1000TxRing, ipSetup: number, tuSetup: number, command: number, segSetup: number): void {
  const { view } = ring;
  const slot = ring.nextToUse;
  const at = ring.base + slot * DESC_SIZE;
  view.setInt32(at, ipSetup, true);
  view.setInt32(at + 4, tuSetup, true);
  view.setInt32(at + 8, command, true);
  view.setInt32(at + 12, segSetup, true);
  ring.nextToUse = slot + 1 === ring.count ? 0 : slot + 1;
}
