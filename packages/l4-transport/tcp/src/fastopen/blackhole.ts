import { tcp as th } from '@stack/skb';
import { FLAGS } from '../cb.ts';
import { HZ_SECOND } from '../constants.ts';
import { TcpExt } from '../mib.ts';
import type { TcpProtocol } from '../protocol.ts';
import type { TcpSock } from '../sock.ts';

const LOOPBACK_NET = 127;

/** Whether our SYNs seem to vanish for what they carry: then none carries data for a while. */
export class FastOpenPause {
  /** When it began, in jiffies, and how often in a row. */
  stamp = 0;
  times = 0;
}

/** @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_active_disable() */
export function tcpFastopenActiveDisable(tcp: TcpProtocol): void {
  if (tcp.sysctl.tcp_fastopen_blackhole_timeout_sec === 0) return;
  tcp.fastOpenPause.stamp = tcp.jiffies;
  tcp.fastOpenPause.times++;
  tcp.mib.ext[TcpExt.TCPFastOpenBlackhole]++;
}

/** Each pause in a row is twice as long as the last. @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_active_should_disable() */
export function tcpFastopenActiveShouldDisable(sk: TcpSock): boolean {
  const { fastOpenPause: pause, sysctl, jiffies } = sk.tcp;
  const seconds = sysctl.tcp_fastopen_blackhole_timeout_sec;
  if (seconds === 0 || pause.times === 0) return false;
  if (jiffies < pause.stamp + 2 ** Math.min(pause.times - 1, 6) * seconds * HZ_SECOND) return true;
  if (sk.fastOpen !== null) sk.fastOpen.probing = true;
  return false;
}

/** A time-out of a connection that began with Fast Open. @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_active_detect_blackhole() */
export function tcpFastopenActiveDetectBlackhole(sk: TcpSock, expired: boolean): void {
  const state = sk.fastOpen;
  const { retransmits } = sk.rtt;
  if (state === null || !(state.synOption || state.synData || state.synDataAcked)) return;
  if (retransmits !== 2 && !(retransmits < 2 && expired)) return;
  tcpFastopenActiveDisable(sk.tcp);
  sk.tcp.mib.ext[TcpExt.TCPFastOpenActiveFail]++;
}

/** The connection ends: one that got nothing but a FIN out of order is a victim; one that got data after a pause, the proof that all is well. @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_active_disable_ofo_check() */
export function tcpFastopenActiveDisableOfoCheck(sk: TcpSock): void {
  const state = sk.fastOpen;
  if (state === null || !state.synOption) return;
  if (sk.rcv.dataSegsIn === 0) {
    const first = sk.disorder?.ofo.first ?? null;
    if (first !== null && first.next === null && (first.cb[FLAGS] & th.FIN) !== 0) tcpFastopenActiveDisable(sk.tcp);
  } else if (state.probing && sk.daddr >>> 24 !== LOOPBACK_NET) {
    sk.tcp.fastOpenPause.times = 0;
  }
}
