import type { TcpSock } from '../sock.ts';

/** The route may say how congestion is to be controlled. @kernel net/ipv4/tcp_output.c tcp_ca_dst_init() */
export function tcpCaDstInit(sk: TcpSock): void {
  const name = sk.dstCache?.metrics.congctl;
  const ops = name === undefined ? null : sk.tcp.congestion.find(name);
  if (ops === null) return;
  sk.cc.ops = ops;
  sk.cc.priv = null;
}
