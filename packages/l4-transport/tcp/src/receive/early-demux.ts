import { ip, tcp as th, PACKET_HOST, type SkBuff } from '@stack/skb';
import { inetLookupEstablished, TCP_NEW_SYN_RECV, TCP_TIME_WAIT } from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import type { TcpProtocol } from '../protocol.ts';
import type { TcpSock } from '../sock.ts';

/**
 * A packet of a connection takes the route that the connection knows, and saves the look-up; TCP will not look for the
 * socket again. `data` is at the IP header or behind it; only headers that are linear are looked at.
 *
 * @kernel net/ipv4/tcp_ipv4.c tcp_v4_early_demux()
 */
export function tcpV4EarlyDemux(tcp: TcpProtocol, skb: SkBuff): void {
  if (!tcp.sysctl.tcp_early_demux || skb.pktType !== PACKET_HOST) return;
  const at = skb.networkHeader + ip.headerLength(skb);
  if (at + th.LENGTH > skb.tail) return;
  const { view } = skb.arena;
  const dif = skb.dev === null ? 0 : skb.dev.ifindex;
  const found = inetLookupEstablished(
    tcp.hashinfo,
    ip.saddr(skb),
    view.getUint16(at),
    ip.daddr(skb),
    view.getUint16(at + 2),
    dif,
  );
  if (found === null || found.state === TCP_TIME_WAIT || found.state === TCP_NEW_SYN_RECV) return;
  const sk = found as TcpSock;
  if (tracing.on) trace('tcp_v4_early_demux', skb);
  skb.sk = sk;
  const { rxDst } = sk;
  if (rxDst !== null && !rxDst.obsolete && sk.rxDstIfindex === dif) skb.dst = rxDst;
}
