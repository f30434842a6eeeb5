/**
 * TCP as Linux does it: sockets for {@link Proto}, protocol 6 for IPv4.
 *
 * ```ts
 * host.use([...inet()]);              // tcp() among them
 * const { mib, sysctl } = host.get(Tcp);
 * sysctl.tcp_congestion_control = 'reno';
 * mib.snapshot().TcpRetransSegs;      // 0
 * ```
 *
 * @packageDocumentation
 */
export * from './api/option-names.ts';
export { SIOCATMARK, SIOCINQ, SIOCOUTQ, SIOCOUTQNSD } from './api/poll.ts';
export { tcpGetInfo } from './api/info.ts';
export {
  TCPI_OPT_ECN,
  TCPI_OPT_ECN_SEEN,
  TCPI_OPT_SACK,
  TCPI_OPT_SYN_DATA,
  TCPI_OPT_TIMESTAMPS,
  TCPI_OPT_WSCALE,
} from './api/info-options.ts';
export type { TcpInfo } from './api/tcp-info.ts';
export * as cb from './cb.ts';
export { tcpCongAvoidAi, tcpSlowStart } from './congestion/increase.ts';
export { bbr } from './congestion/bbr/bbr.ts';
export { cubic } from './congestion/cubic.ts';
export { dctcp } from './congestion/dctcp.ts';
export * from './congestion/ops.ts';
export { CongestionControls } from './congestion/registry.ts';
export { reno } from './congestion/reno.ts';
export { secureTcpSeq } from './connect/secure-seq.ts';
export { FastOpenKeys } from './fastopen/keys.ts';
export { tcpInSlowStart } from './flight.ts';
export { TcpMetrics, TcpMetricsBlock, type FastOpenMetrics } from './metrics/metrics.ts';
export { tcpMd5sig } from './md5/keys.ts';
export { TcpMib } from './mib.ts';
export { Tcp, tcp } from './plugin.ts';
export { TcpProtocol, type PolicyCheck, type TcpEnvironment } from './protocol.ts';
export { tcpIsCwndLimited } from './recovery/cwnd-validate.ts';
export type { RateSample } from './recovery/rate-sample.ts';
export { TcpSock } from './sock.ts';
export { TcpSysctl } from './sysctl.ts';
export { tcpSysctlNames, tcpSysctlRead, tcpSysctlWrite } from './sysctl-table.ts';
