import type { TcpInfo } from './info.ts';

const LENGTH = 248;
const OPTION_TIMESTAMPS = 1;
const OPTION_SACK = 2;
const OPTION_WSCALE = 4;

/** 32-bit fields in the order of the structure, from byte 8 on; null leaves a field that we do not keep. */
const FIRST: readonly (keyof TcpInfo | null)[] = [
  'rto', 'ato', 'sndMss', 'rcvMss', 'unacked', 'sacked', 'lost', 'retrans', null, null, null, null, null, 'pmtu',
  'rcvSsthresh', 'rtt', 'rttvar', 'sndSsthresh', 'sndCwnd', 'advmss', 'reordering', 'rcvRtt', 'rcvSpace', 'totalRetrans',
]; // prettier-ignore

/** The structure that getsockopt(TCP_INFO) gives, little-endian. @kernel include/uapi/linux/tcp.h struct tcp_info */
export function tcpInfoBytes(info: TcpInfo): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  const view = new DataView(bytes.buffer);
  bytes.set([
    info.state,
    info.caState,
    info.retransmits,
    info.probes,
    info.backoff,
    optionBits(info),
    (info.rcvWscale << 4) | info.sndWscale,
  ]);
  FIRST.forEach((field, i) => {
    if (field !== null) view.setUint32(8 + 4 * i, Number(info[field]), true);
  });
  const words: [number, number][] = [
    [136, info.segsOut], [140, info.segsIn], [144, info.notsentBytes], [148, info.minRtt], [152, info.dataSegsIn],
    [156, info.dataSegsOut], [192, info.delivered], [220, info.reordSeen], [228, info.sndWnd], [232, info.rcvWnd],
  ]; // prettier-ignore
  for (const [at, value] of words) view.setUint32(at, value, true);
  const longs: [number, number][] = [
    [104, info.pacingRate], [120, info.bytesAcked], [128, info.bytesReceived], [200, info.bytesSent], [208, info.bytesRetrans],
  ]; // prettier-ignore
  for (const [at, value] of longs) view.setBigUint64(at, BigInt(Math.floor(value)), true);
  return bytes;
}

function optionBits(info: TcpInfo): number {
  const wscale = info.sndWscale !== 0 || info.rcvWscale !== 0 ? OPTION_WSCALE : 0;
  return (info.timestamps ? OPTION_TIMESTAMPS : 0) | (info.sack ? OPTION_SACK : 0) | wscale;
}
