import type { TcpSock } from '../sock.ts';

const IP_HEADER = 20;
const TCP_HEADER = 20;

/** The search for the largest packet that the path carries; connections that do not search have none. Sizes are MTUs. @kernel include/net/inet_connection_sock.h icsk_mtup @rfc 4821 7 */
export class MtuProbing {
  /** Between a size that is known to pass and one that may. */
  low = 0;
  high = 0;
  /** Size of the probe in flight, 0: none; and the bytes that it carries. */
  probeSize = 0;
  probeStart = 0;
  probeEnd = 0;
  /** When the search began, in jiffies. */
  stamp = 0;
}

/** MTU for a payload. @kernel net/ipv4/tcp_output.c tcp_mss_to_mtu() */
export function tcpMssToMtu(sk: TcpSock, mss: number): number {
  return mss + sk.snd.headerLen + (sk.settings.ipOptions?.length ?? 0) + IP_HEADER;
}

/** The whole of what the peer takes. */
function highest(sk: TcpSock): number {
  return sk.opt.mssClamp + TCP_HEADER + IP_HEADER;
}

/** A connection begins: it searches at once, not at all, or only when nothing else helps. @kernel net/ipv4/tcp_output.c tcp_mtup_init() */
export function tcpMtupInit(sk: TcpSock): void {
  sk.mtup = sk.tcp.sysctl.tcp_mtu_probing > 1 ? newSearch(sk) : null;
}

/** From the size that surely passes to the largest. */
export function newSearch(sk: TcpSock): MtuProbing {
  const mtup = new MtuProbing();
  mtup.high = Math.min(highest(sk), sk.snd.pmtu || highest(sk));
  mtup.low = tcpMssToMtu(sk, sk.tcp.sysctl.tcp_base_mss);
  mtup.stamp = sk.tcp.jiffies;
  return mtup;
}

/** After a while, the path may carry more: searches anew above `mss`. @kernel net/ipv4/tcp_output.c tcp_mtu_check_reprobe() @rfc 4821 7.2 */
export function tcpMtuCheckReprobe(sk: TcpSock, mtup: MtuProbing, mss: number): void {
  const { jiffies, sysctl } = sk.tcp;
  if (jiffies - mtup.stamp < sysctl.tcp_probe_interval * 1000) return;
  mtup.probeSize = 0;
  mtup.high = highest(sk);
  mtup.low = tcpMssToMtu(sk, mss);
  mtup.stamp = jiffies;
}
