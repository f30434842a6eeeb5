import { TCP_LISTEN, type SockCommon } from '@stack/sock';
import { Tcp, TcpSock } from '@stack/tcp';
import type { Session } from '../run/session.ts';
import { allCounters } from './counters.ts';

const FILES: Readonly<Record<string, (session: Session) => string>> = {
  tcp: sockets,
  netstat: (session) => counters(session, ['TcpExt', 'IpExt']),
  snmp: (session) => counters(session, ['Ip', 'Icmp', 'Tcp', 'Udp']),
};

const DIRECTORY = '/proc/net/';

export function isProcNet(path: string): boolean {
  return path.startsWith(DIRECTORY) && Object.hasOwn(FILES, path.slice(DIRECTORY.length));
}

/** What is in /proc/net/tcp, netstat or snmp at this moment. */
export function procNet(session: Session, path: string): string {
  return FILES[path.slice(DIRECTORY.length)](session);
}

/** A line with the names, and one with the values. */
function counters(session: Session, groups: readonly string[]): string {
  const all = Object.entries(allCounters(session));
  return groups
    .map((group) => {
      const own = all.filter(([name]) => groupOf(name) === group);
      const names = own.map(([name]) => name.slice(group.length));
      return `${group}: ${names.join(' ')}\n${group}: ${own.map(([, count]) => count).join(' ')}\n`;
    })
    .join('');
}

function groupOf(name: string): string {
  return /^(?:TcpExt|IpExt|IcmpMsg|UdpLite|Tcp|Ip|Icmp|Udp)/.exec(name)?.[0] ?? '';
}

/** All sockets of TCP: those that listen first. */
export function tcpSockets({ network: { host } }: Session): SockCommon[] {
  const { hashinfo } = host.get(Tcp);
  return [...hashinfo.lhash, ...hashinfo.ehash];
}

/** @kernel net/ipv4/tcp_ipv4.c tcp4_seq_show() */
function sockets(session: Session): string {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const lines = tcpSockets(session).map((sk, i) => {
    const [tx, rx] = sk instanceof TcpSock ? queues(sk) : [0, 0];
    const number = String(i).padStart(4);
    const ends = `${endText(sk.rcvSaddr, sk.boundPort)} ${endText(sk.daddr, sk.dport)}`;
    const retransmits = hex(sk instanceof TcpSock ? sk.rtt.retransmits : 0, 8);
    return `${number}: ${ends} ${hex(sk.state, 2)} ${hex(tx, 8)}:${hex(rx, 8)} 00:00000000 ${retransmits}     0        0 ${i + 1}`;
  });
  return [head, ...lines].map((line) => `${line.padEnd(149)}\n`).join('');
}

/** Bytes that are not acknowledged, and not read. */
export function queues(sk: TcpSock): [number, number] {
  if (sk.state === TCP_LISTEN) return [0, 0];
  return [(sk.snd.writeSeq - sk.snd.una) >>> 0, Math.max(0, (sk.rcv.nxt - sk.rcv.copiedSeq) | 0)];
}

/** The address as it is in the memory of a little-endian machine. */
function endText(address: number, port: number): string {
  const bytes = [0, 8, 16, 24].map((shift) => hex((address >>> shift) & 0xff, 2));
  return `${bytes.join('')}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).toUpperCase().padStart(digits, '0');
}
