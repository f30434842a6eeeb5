import type { TcpSock } from '../sock.ts';

/** Jiffies of silence until the first probe. @kernel include/net/tcp.h keepalive_time_when() */
export function keepaliveTimeWhen(sk: TcpSock): number {
  return sk.keepaliveTime || sk.tcp.sysctl.tcp_keepalive_time * 1000;
}

/** Jiffies between probes. @kernel include/net/tcp.h keepalive_intvl_when() */
export function keepaliveIntvlWhen(sk: TcpSock): number {
  return sk.keepaliveIntvl || sk.tcp.sysctl.tcp_keepalive_intvl * 1000;
}

/** Probes without an answer until the peer counts as gone. @kernel include/net/tcp.h keepalive_probes() */
export function keepaliveProbesOf(sk: TcpSock): number {
  return sk.keepaliveProbes || sk.tcp.sysctl.tcp_keepalive_probes;
}

/** Jiffies that a closed socket waits for the peer's FIN. @kernel include/net/tcp.h tcp_fin_time() */
export function tcpFinTime(sk: TcpSock): number {
  const { rto } = sk.rtt;
  return Math.max(sk.linger2 || sk.tcp.sysctl.tcp_fin_timeout * 1000, (rto << 2) - (rto >> 1));
}
