import { TCP_CLOSE } from '@stack/sock';
import { tcpInitBufferSpace } from '../input/rcvbuf.ts';
import { tcpInitMetrics } from '../metrics/init.ts';
import { tcpMtupInit } from '../mtu/state.ts';
import { tcpInitCwnd } from './init-cwnd.ts';
import type { TcpProtocol } from '../protocol.ts';
import { TcpSock } from '../sock.ts';

/** A new socket with the host's settings. @kernel net/ipv4/tcp.c tcp_init_sock() */
export function tcpInitSock(tcp: TcpProtocol): TcpSock {
  const sk = new TcpSock(tcp, tcp.congestion.choose(tcp.sysctl.tcp_congestion_control));
  sk.state = TCP_CLOSE;
  sk.cc.reordering = tcp.sysctl.tcp_reordering;
  return sk;
}

/** The handshake is done: congestion control and buffers begin. @kernel net/ipv4/tcp_input.c tcp_init_transfer() */
export function tcpInitTransfer(sk: TcpSock): void {
  const { cc, loss } = sk;
  tcpMtupInit(sk);
  tcpInitMetrics(sk);
  cc.cwnd = cc.totalRetrans > 1 && loss.undoMarker !== 0 ? 1 : tcpInitCwnd(sk);
  cc.cwndStamp = sk.tcp.jiffies;
  cc.ops.init?.(sk);
  if (sk.snd.packetsOut === 0 && loss.totalRto === 0 && loss.rate.bytesSent === 0) sk.forgetFlight();
  tcpInitBufferSpace(sk);
}
