import { formatIpv4 } from '@stack/ipv4';
import type { NetDevice } from '@stack/netdev';
import { TCP_LISTEN, type SockCommon } from '@stack/sock';
import { tcpGetInfo, TcpSock, type TcpMetricsBlock } from '@stack/tcp';
import type { Session } from '../run/session.ts';
import { printed, type Ended, type Invocation } from './command.ts';
import { queues, tcpSockets } from './proc-net.ts';

/** As `ss` calls them, by number. @kernel include/net/tcp_states.h */
const STATES = [
  '', 'ESTAB', 'SYN-SENT', 'SYN-RECV', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'UNCONN', 'CLOSE-WAIT', 'LAST-ACK',
  'LISTEN', 'CLOSING', 'SYN-RECV',
]; // prettier-ignore

/** `ss [-t] [-n] [-a] [-l] [-i] [-m] [-H]`, of all sockets of TCP whatever the filter. */
export function ss({ session, args }: Invocation): Ended {
  const flags = args.filter((arg) => arg.startsWith('-')).join('');
  const isShown = (sk: SockCommon): boolean => flags.includes('a') || (sk.state === TCP_LISTEN) === flags.includes('l');
  const head = flags.includes('H') ? '' : 'State  Recv-Q Send-Q Local Address:Port  Peer Address:Port\n';
  const lines = tcpSockets(session)
    .filter(isShown)
    .map((sk) => `${socketLine(sk)}\n${flags.includes('i') && sk instanceof TcpSock ? `\t ${infoText(sk)}\n` : ''}`);
  return printed(head + lines.join(''));
}

function socketLine(sk: SockCommon): string {
  const [tx, rx] = sk instanceof TcpSock ? queues(sk) : [0, 0];
  const end = (address: number, port: number): string => `${formatIpv4(address)}:${port === 0 ? '*' : port}`;
  const ends = `${end(sk.rcvSaddr, sk.boundPort)} ${end(sk.daddr, sk.dport)}`;
  return `${(STATES[sk.state] ?? '').padEnd(10)} ${rx} ${tx} ${ends}`;
}

function infoText(sk: TcpSock): string {
  const info = tcpGetInfo(sk);
  const times = `rto:${info.rto / 1000} rtt:${info.rtt / 1000}/${info.rttvar / 1000}`;
  const sizes = `mss:${info.sndMss} pmtu:${info.pmtu} rcvmss:${info.rcvMss} advmss:${info.advmss} cwnd:${info.sndCwnd}`;
  const counts = `bytes_sent:${info.bytesSent} segs_out:${info.segsOut} segs_in:${info.segsIn} unacked:${info.unacked}`;
  return `${sk.cc.ops.name} ${times} ${sizes} ${counts} retrans:${info.retrans}/${info.totalRetrans} lost:${info.lost}`;
}

/** `tc -s qdisc show [dev NAME]`. */
export function qdiscText(devices: Iterable<NetDevice>): string {
  return [...devices]
    .flatMap((device) => device.queues.map(({ qdiscSleeping }) => [device, qdiscSleeping] as const))
    .map(([device, qdisc]) => {
      if (qdisc === null) return `qdisc noqueue 0: dev ${device.name} root refcnt 2\n`;
      const handle = qdisc.handle === 0 ? '0:' : `${(qdisc.handle >>> 16).toString(16)}:`;
      const sent = ` Sent ${qdisc.bytes} bytes ${qdisc.packets} pkt (dropped ${qdisc.drops}, overlimits ${qdisc.overlimits} requeues ${qdisc.requeues})`;
      const waiting = ` backlog ${qdisc.backlog}b ${qdisc.qlen}p requeues ${qdisc.requeues}`;
      return `qdisc ${qdisc.kind} ${handle} dev ${device.name} root refcnt 2\n${sent}\n${waiting}\n`;
    })
    .join('');
}

/** What `ip route get` and `ip route show` say of the way to the remote address. */
export function routeText({ config }: Session, to: string, isLookup: boolean): string {
  const source = isLookup ? ` src ${formatIpv4(config.localIp)} uid 0\n    cache` : ' scope link';
  return `${to} dev tun0${source}\n`;
}

function cookieText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A line of `ip tcp_metrics`. `now` in jiffies. */
export function metricsText(block: TcpMetricsBlock, now: number): string {
  const { saddr, daddr, stamp, ssthresh, cwnd, reordering, rtt, rttvar, fastOpen } = block;
  const measured = Object.entries({ ssthresh, cwnd, reordering }).filter(([, value]) => value !== 0);
  const times = Object.entries({ rtt: rtt >> 3, rttvar: rttvar >> 2 }).filter(([, value]) => value !== 0);
  const words = [
    `${formatIpv4(daddr)} age ${((now - stamp) / 1000).toFixed(3)}sec`,
    ...measured.map(([name, value]) => `${name} ${value}`),
    ...times.map(([name, value]) => `${name} ${value}us`),
  ];
  if (fastOpen !== null && fastOpen.mss !== 0) words.push(`fo_mss ${fastOpen.mss}`);
  if (fastOpen !== null && fastOpen.synLoss !== 0) words.push(`fo_syn_drops ${fastOpen.synLoss}`);
  if (fastOpen !== null && fastOpen.cookie.length > 0)
    words.push(`fo_cookie ${cookieText(fastOpen.cookie.bytes.subarray(0, fastOpen.cookie.length))}`);
  return `${words.join(' ')} source ${formatIpv4(saddr)}\n`;
}
