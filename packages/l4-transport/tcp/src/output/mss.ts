import { MAX_TCP_HEADER, TCP_MSS_DEFAULT } from '../constants.ts';
import type { TcpSock } from '../sock.ts';
import { establishedOptionsSize } from './established-options.ts';

const IP_HEADER = 20;
const TCP_HEADER = 20;

/** No segment may be larger than half of what the peer ever offered. @kernel include/net/tcp.h tcp_bound_to_half_wnd() */
export function tcpBoundToHalfWnd(sk: TcpSock, size: number): number {
  const { maxWnd } = sk.snd;
  const cutoff = maxWnd > TCP_MSS_DEFAULT ? maxWnd >>> 1 : maxWnd;
  return cutoff !== 0 && size > cutoff ? Math.max(cutoff, 68 - sk.snd.headerLen) : size;
}

/** Payload of a full segment on a path. @kernel net/ipv4/tcp_output.c tcp_mtu_to_mss() */
export function tcpMtuToMss(sk: TcpSock, pmtu: number): number {
  const clamped = Math.min(pmtu - IP_HEADER - TCP_HEADER, sk.opt.mssClamp);
  const mss = Math.max(clamped - (sk.settings.ipOptions?.length ?? 0), sk.tcp.sysctl.tcp_min_snd_mss);
  return mss - (sk.snd.headerLen - TCP_HEADER);
}

/** Takes over a path MTU; returns the payload of a full segment. @kernel net/ipv4/tcp_output.c tcp_sync_mss() @rfc 1191 6.1 */
export function tcpSyncMss(sk: TcpSock, pmtu: number): number {
  const { snd, mtup } = sk;
  snd.pmtu = pmtu;
  snd.mss = tcpBoundToHalfWnd(sk, tcpMtuToMss(sk, pmtu));
  if (mtup !== null) {
    if (mtup.high > pmtu) mtup.high = pmtu;
    snd.mss = Math.min(snd.mss, tcpMtuToMss(sk, mtup.low));
  }
  return snd.mss;
}

/** Payload of a full segment now: the path may have changed, SACK blocks may take room. @kernel net/ipv4/tcp_output.c tcp_current_mss() */
export function tcpCurrentMss(sk: TcpSock): number {
  const { snd, dstCache } = sk;
  let mss = snd.mss;
  if (dstCache !== null) {
    const mtu = dstCache.mtu();
    if (mtu !== snd.pmtu) mss = tcpSyncMss(sk, mtu);
  }
  return mss - (establishedOptionsSize(sk) + TCP_HEADER - snd.headerLen);
}

/** The segment size we announce. @kernel net/ipv4/tcp_output.c tcp_advertise_mss() @rfc 9293 3.7.1 */
export function tcpAdvertiseMss(sk: TcpSock): number {
  if (sk.dstCache !== null) sk.rcv.advmss = Math.min(sk.rcv.advmss, sk.dstCache.advmss());
  return sk.rcv.advmss;
}

/** Bytes to gather in one buffer: as many whole segments as a GSO packet takes. @kernel net/ipv4/tcp.c tcp_xmit_size_goal() */
export function tcpXmitSizeGoal(sk: TcpSock, mss: number): number {
  const { snd } = sk;
  const bound = tcpBoundToHalfWnd(sk, snd.gsoMaxSize);
  let goal = sk.rate.gsoSegs * mss;
  if (bound < goal || bound >= goal + mss) {
    sk.rate.gsoSegs = Math.min(Math.floor(bound / mss), 65_535);
    goal = sk.rate.gsoSegs * mss;
  }
  return Math.max(goal, mss);
}

/** What the device takes in one GSO packet. @kernel net/core/sock.c sk_setup_caps() */
export function skSetupCaps(sk: TcpSock): void {
  const size = sk.dstCache?.dev.gsoMaxSize ?? 65_536;
  sk.snd.gsoMaxSize = Math.min(size, 65_536) - (MAX_TCP_HEADER + 1);
}
