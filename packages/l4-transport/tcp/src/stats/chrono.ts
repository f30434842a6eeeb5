import type { TcpSock } from '../sock.ts';
import type { RateState } from '../state.ts';

/** What the sender waits for: nothing to do; the network; the peer's window; room in the send buffer. The larger one counts. @kernel include/linux/tcp.h enum tcp_chrono */
const CHRONO_UNSPEC = 0;
export const CHRONO_BUSY = 1;
export const CHRONO_RWND_LIMITED = 2;
export const CHRONO_SNDBUF_LIMITED = 3;

/** @kernel net/ipv4/tcp_output.c tcp_chrono_set() */
function tcpChronoSet(sk: TcpSock, rate: RateState, type: number): void {
  const now = sk.tcp.jiffies;
  const spent = now - rate.chronoSince;
  if (rate.chrono === CHRONO_BUSY) rate.busyTime += spent;
  else if (rate.chrono === CHRONO_RWND_LIMITED) rate.rwndLimited += spent;
  else if (rate.chrono === CHRONO_SNDBUF_LIMITED) rate.sndbufLimited += spent;
  rate.chronoSince = now;
  rate.chrono = type;
}

/** @kernel net/ipv4/tcp_output.c tcp_chrono_start() */
export function tcpChronoStart(sk: TcpSock, type: number): void {
  const { rate } = sk;
  if (type > rate.chrono) tcpChronoSet(sk, rate, type);
}

/** The wait is over: what remains is the network, or nothing. @kernel net/ipv4/tcp_output.c tcp_chrono_stop() */
export function tcpChronoStop(sk: TcpSock, type: number): void {
  const { rate } = sk;
  if (rate.chrono === CHRONO_UNSPEC) return;
  if (sk.rtxQueue.empty && !sk.hasUnsent) tcpChronoSet(sk, rate, CHRONO_UNSPEC);
  else if (type === rate.chrono) tcpChronoSet(sk, rate, CHRONO_BUSY);
}

/** Jiffies spent busy, and of those waiting for window and for buffer, up to now. @kernel net/ipv4/tcp.c tcp_get_info_chrono_stats() */
export function tcpChronoStats(sk: TcpSock): { busy: number; rwnd: number; sndbuf: number } {
  const { rate } = sk.lossSeen;
  const running = rate.chrono === CHRONO_UNSPEC ? 0 : sk.tcp.clock.now() / 1e6 - rate.chronoSince;
  const of = (type: number, time: number): number => Math.floor(time + (rate.chrono === type ? running : 0));
  const rwnd = of(CHRONO_RWND_LIMITED, rate.rwndLimited);
  const sndbuf = of(CHRONO_SNDBUF_LIMITED, rate.sndbufLimited);
  return { busy: of(CHRONO_BUSY, rate.busyTime) + rwnd + sndbuf, rwnd, sndbuf };
}
