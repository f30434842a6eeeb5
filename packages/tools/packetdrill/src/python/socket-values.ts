import { SO_MEMINFO, SOL_SOCKET, type SocketFile } from '@stack/socket';
import { tcpGetInfo, TcpSock, type TcpInfo } from '@stack/tcp';
import { congestionValues } from './congestion-values.ts';
import { CONSTANTS } from './constants.ts';

/** Fields of `struct tcp_info` and what the stack calls them. @kernel include/uapi/linux/tcp.h struct tcp_info */
const FIELDS: Readonly<Record<string, keyof TcpInfo>> = {
  tcpi_state: 'state', tcpi_ca_state: 'caState', tcpi_retransmits: 'retransmits', tcpi_probes: 'probes',
  tcpi_backoff: 'backoff', tcpi_snd_wscale: 'sndWscale', tcpi_rcv_wscale: 'rcvWscale', tcpi_rto: 'rto', tcpi_ato: 'ato',
  tcpi_snd_mss: 'sndMss', tcpi_rcv_mss: 'rcvMss', tcpi_unacked: 'unacked', tcpi_sacked: 'sacked', tcpi_lost: 'lost',
  tcpi_retrans: 'retrans', tcpi_pmtu: 'pmtu', tcpi_rcv_ssthresh: 'rcvSsthresh', tcpi_rtt: 'rtt', tcpi_rttvar: 'rttvar',
  tcpi_snd_ssthresh: 'sndSsthresh', tcpi_snd_cwnd: 'sndCwnd', tcpi_advmss: 'advmss', tcpi_reordering: 'reordering',
  tcpi_rcv_rtt: 'rcvRtt', tcpi_rcv_space: 'rcvSpace', tcpi_total_retrans: 'totalRetrans',
  tcpi_pacing_rate: 'pacingRate', tcpi_bytes_acked: 'bytesAcked', tcpi_bytes_received: 'bytesReceived',
  tcpi_segs_out: 'segsOut', tcpi_segs_in: 'segsIn', tcpi_notsent_bytes: 'notsentBytes', tcpi_min_rtt: 'minRtt',
  tcpi_data_segs_in: 'dataSegsIn', tcpi_data_segs_out: 'dataSegsOut', tcpi_delivered: 'delivered',
  tcpi_bytes_sent: 'bytesSent', tcpi_bytes_retrans: 'bytesRetrans', tcpi_reord_seen: 'reordSeen',
  tcpi_snd_wnd: 'sndWnd', tcpi_rcv_wnd: 'rcvWnd', tcpi_options: 'options', tcpi_last_data_sent: 'lastDataSent',
  tcpi_last_data_recv: 'lastDataRecv', tcpi_last_ack_recv: 'lastAckRecv', tcpi_max_pacing_rate: 'maxPacingRate',
  tcpi_delivery_rate: 'deliveryRate', tcpi_delivery_rate_app_limited: 'deliveryRateAppLimited',
  tcpi_fastopen_client_fail: 'fastopenClientFail', tcpi_busy_time: 'busyTime', tcpi_rwnd_limited: 'rwndLimited',
  tcpi_sndbuf_limited: 'sndbufLimited', tcpi_delivered_ce: 'deliveredCe', tcpi_dsack_dups: 'dsackDups',
  tcpi_rcv_ooopack: 'rcvOooPack', tcpi_rehash: 'rehash', tcpi_total_rto: 'totalRto', tcpi_total_rto_recoveries: 'totalRtoRecoveries',
  tcpi_total_rto_time: 'totalRtoTime', tcpi_received_ce: 'receivedCe', tcpi_delivered_e1_bytes: 'deliveredE1Bytes',
  tcpi_delivered_e0_bytes: 'deliveredE0Bytes', tcpi_delivered_ce_bytes: 'deliveredCeBytes',
  tcpi_received_e1_bytes: 'receivedE1Bytes', tcpi_received_e0_bytes: 'receivedE0Bytes',
  tcpi_received_ce_bytes: 'receivedCeBytes', tcpi_accecn_fail_mode: 'accecnFailMode',
  tcpi_accecn_opt_seen: 'accecnOptSeen',
}; // prettier-ignore

/** Fields that Linux has no values for any more. */
const UNUSED = { tcpi_fackets: 0, tcpi_last_ack_sent: 0 };

/** In the order of SO_MEMINFO. @kernel include/uapi/linux/sock_diag.h */
const MEMINFO = [
  'RMEM_ALLOC', 'RCVBUF', 'WMEM_ALLOC', 'SNDBUF', 'FWD_ALLOC', 'WMEM_QUEUED', 'OPTMEM', 'BACKLOG', 'DROPS',
]; // prettier-ignore

/** What code may ask of a socket at this moment. */
export function socketValues(file: SocketFile): ReadonlyMap<string, number> {
  const values = new Map(Object.entries({ ...CONSTANTS, True: 1, False: 0, None: 0, ...infoValues(file) }));
  const memory = file.getOption(SOL_SOCKET, SO_MEMINFO);
  if (typeof memory !== 'number') {
    const view = new DataView(memory.buffer, memory.byteOffset);
    MEMINFO.forEach((name, i) => values.set(`SK_MEMINFO_${name}`, view.getUint32(4 * i, true)));
  }
  return values;
}

/** TCP_INFO and TCP_CC_INFO by the names of their fields; nothing for what is no TCP socket. */
export function infoValues({ sk }: SocketFile): Record<string, number> {
  if (!(sk instanceof TcpSock)) return {};
  const info = tcpGetInfo(sk);
  const fields = Object.entries(FIELDS).map(([name, field]) => [name, Number(info[field])] as const);
  const { ops } = sk.cc;
  return {
    ...UNUSED,
    ...Object.fromEntries(fields),
    ...congestionValues(ops.name, ops.getInfo?.(sk) ?? new Uint8Array(0)),
  };
}
