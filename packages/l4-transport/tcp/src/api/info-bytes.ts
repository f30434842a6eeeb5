import type { TcpInfo } from './tcp-info.ts';

const LENGTH = 280;
/** `tcpi_state` to `tcpi_options`, one byte each. */
const BYTES = ['state', 'caState', 'retransmits', 'probes', 'backoff', 'options'] as const;
/** 32-bit fields by where they begin; null leaves a field that no kernel fills any more. */
const WORDS: readonly [at: number, fields: readonly (keyof TcpInfo | null)[]][] = [
  [8, [
    'rto', 'ato', 'sndMss', 'rcvMss', 'unacked', 'sacked', 'lost', 'retrans', null, 'lastDataSent', null,
    'lastDataRecv', 'lastAckRecv', 'pmtu', 'rcvSsthresh', 'rtt', 'rttvar', 'sndSsthresh', 'sndCwnd', 'advmss',
    'reordering', 'rcvRtt', 'rcvSpace', 'totalRetrans',
  ]],
  [136, ['segsOut', 'segsIn', 'notsentBytes', 'minRtt', 'dataSegsIn', 'dataSegsOut']],
  [192, ['delivered', 'deliveredCe']],
  [216, ['dsackDups', 'reordSeen', 'rcvOooPack', 'sndWnd', 'rcvWnd', 'rehash']],
  [244, [
    'totalRtoTime', 'receivedCe', 'deliveredE1Bytes', 'deliveredE0Bytes', 'deliveredCeBytes', 'receivedE1Bytes',
    'receivedE0Bytes', 'receivedCeBytes',
  ]],
]; // prettier-ignore
const LONGS: readonly [at: number, fields: readonly (keyof TcpInfo)[]][] = [
  [104, ['pacingRate', 'maxPacingRate', 'bytesAcked', 'bytesReceived']],
  [160, ['deliveryRate', 'busyTime', 'rwndLimited', 'sndbufLimited']],
  [200, ['bytesSent', 'bytesRetrans']],
]; // prettier-ignore
const SHORTS: readonly [at: number, fields: readonly (keyof TcpInfo)[]][] = [
  [240, ['totalRto', 'totalRtoRecoveries']],
  [276, ['accecnFailMode', 'accecnOptSeen']],
]; // prettier-ignore

/** The structure that getsockopt(TCP_INFO) gives, little-endian, as of Linux 6.18. @kernel include/uapi/linux/tcp.h struct tcp_info */
export function tcpInfoBytes(info: TcpInfo): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  const view = new DataView(bytes.buffer);
  BYTES.forEach((field, i) => view.setUint8(i, info[field]));
  view.setUint8(6, (info.rcvWscale << 4) | info.sndWscale);
  view.setUint8(7, (info.deliveryRateAppLimited ? 1 : 0) | (info.fastopenClientFail << 1));
  for (const [at, fields] of WORDS) {
    fields.forEach((field, i) => field !== null && view.setUint32(at + 4 * i, Number(info[field]), true));
  }
  for (const [at, fields] of LONGS) {
    fields.forEach((field, i) => view.setBigUint64(at + 8 * i, long(Number(info[field])), true));
  }
  for (const [at, fields] of SHORTS)
    fields.forEach((field, i) => view.setUint16(at + 2 * i, Number(info[field]), true));
  return bytes;
}

/** All ones stand for no limit. */
function long(value: number): bigint {
  return value === Number.POSITIVE_INFINITY ? 2n ** 64n - 1n : BigInt(Math.floor(value));
}
