import { EINVAL, ENOPROTOOPT, EOPNOTSUPP } from '@stack/plugin';
import { udp as header } from '@stack/skb';
import { getMulticastOption, setMulticastOption } from './datagram/options.ts';
import type { UdpSock } from './udp-sock.ts';

const SOL_SOCKET = 1;
const SOL_IP = 0;
const SOL_UDP = 17;
/** The level of UDP-Lite's options. @kernel include/linux/socket.h SOL_UDPLITE */
export const SOL_UDPLITE = 136;

/** @kernel include/uapi/asm-generic/socket.h SO_NO_CHECK */
export const SO_NO_CHECK = 11;
/** How much the checksum covers. @kernel include/linux/udp.h UDPLITE_SEND_CSCOV */
export const UDPLITE_SEND_CSCOV = 10;
export const UDPLITE_RECV_CSCOV = 11;

/** @kernel net/ipv4/udp.c udp_lib_setsockopt() */
export function udpSetsockopt(sk: UdpSock, level: number, name: number, value: number | Uint8Array): number {
  if (level === SOL_IP) return setMulticastOption(sk, name, value);
  if (typeof value !== 'number') return -EINVAL;
  if (level === SOL_SOCKET && name === SO_NO_CHECK) sk.noCheckTx = value !== 0;
  else if (level === SOL_UDPLITE && sk.home.isLite) return setCoverage(sk, name, value);
  else return -ENOPROTOOPT;
  return 0;
}

/** @kernel net/ipv4/udp.c udp_lib_getsockopt() */
export function udpGetsockopt(sk: UdpSock, level: number, name: number): number {
  if (level === SOL_SOCKET && name === SO_NO_CHECK) return Number(sk.noCheckTx);
  if (level === SOL_IP) return getMulticastOption(sk, name);
  if (level === SOL_UDPLITE && sk.home.isLite) {
    if (name === UDPLITE_SEND_CSCOV) return sk.sendCoverage;
    if (name === UDPLITE_RECV_CSCOV) return Math.max(sk.receiveCoverage, 0);
  }
  return level === SOL_SOCKET || level === SOL_UDP ? -ENOPROTOOPT : -EOPNOTSUPP;
}

/** Less than the header cannot be covered. @rfc 3828 3.3 */
function setCoverage(sk: UdpSock, name: number, value: number): number {
  const coverage = value === 0 ? 0 : Math.min(Math.max(value, header.LENGTH), 0xffff);
  if (name === UDPLITE_SEND_CSCOV) sk.sendCoverage = coverage;
  else if (name === UDPLITE_RECV_CSCOV) sk.receiveCoverage = coverage;
  else return -ENOPROTOOPT;
  return 0;
}
