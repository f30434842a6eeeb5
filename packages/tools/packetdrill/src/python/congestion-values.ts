/** What a congestion control tells of itself, by the names of its fields. @kernel include/uapi/linux/inet_diag.h union tcp_cc_info */
export function congestionValues(name: string, info: Uint8Array): Record<string, number> {
  const view = new DataView(info.buffer, info.byteOffset, info.length);
  const word = (i: number): number => view.getUint32(4 * i, true);
  if (name.startsWith('bbr') && info.length >= 20) {
    return {
      bbr_bw: Number(view.getBigUint64(0, true)),
      bbr_bw_lo: word(0),
      bbr_bw_hi: word(1),
      bbr_min_rtt: word(2),
      bbr_pacing_gain: word(3),
      bbr_cwnd_gain: word(4),
    };
  }
  if (name.startsWith('dctcp') && info.length >= 16) {
    return {
      dctcp_enabled: view.getUint16(0, true),
      dctcp_ce_state: view.getUint16(2, true),
      dctcp_alpha: word(1),
      dctcp_ab_ecn: word(2),
      dctcp_ab_tot: word(3),
    };
  }
  if (info.length < 16) return {};
  return { tcpv_enabled: word(0), tcpv_rttcnt: word(1), tcpv_rtt: word(2), tcpv_minrtt: word(3) };
}
