import { tcpIsReno } from '../flight.ts';
import type { TcpSock } from '../sock.ts';

/** Bits of `options`. @kernel include/uapi/linux/tcp.h TCPI_OPT_TIMESTAMPS */
export const TCPI_OPT_TIMESTAMPS = 1;
export const TCPI_OPT_SACK = 2;
export const TCPI_OPT_WSCALE = 4;
export const TCPI_OPT_ECN = 8;
export const TCPI_OPT_ECN_SEEN = 16;
export const TCPI_OPT_SYN_DATA = 32;

/** What was negotiated. */
export function tcpInfoOptions(sk: TcpSock) {
  const { opt, ecn, fastOpen } = sk;
  const sack = !tcpIsReno(sk);
  let options = opt.tstampOk ? TCPI_OPT_TIMESTAMPS : 0;
  if (sack) options |= TCPI_OPT_SACK;
  if (opt.wscaleOk) options |= TCPI_OPT_WSCALE;
  if (ecn !== null) options |= TCPI_OPT_ECN;
  if (ecn !== null && ecn.seen) options |= TCPI_OPT_ECN_SEEN;
  if (fastOpen !== null && fastOpen.synDataAcked) options |= TCPI_OPT_SYN_DATA;
  return { options, timestamps: opt.tstampOk, sack, fastopenClientFail: fastOpen === null ? 0 : fastOpen.clientFail };
}
