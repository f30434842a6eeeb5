import { EINVAL, ENOPROTOOPT } from '@stack/plugin';
import { udp as header } from '@stack/skb';
import type { UdpSock } from './udp-sock.ts';

const SOL_SOCKET = 1;
const SOL_IP = 0;
/** The level of UDP-Lite's options. @kernel include/linux/socket.h SOL_UDPLITE */
export const SOL_UDPLITE = 136;

/** @kernel include/uapi/asm-generic/socket.h SO_NO_CHECK */
export const SO_NO_CHECK = 11;
/** @kernel include/uapi/linux/in.h IP_MULTICAST_IF */
export const IP_MULTICAST_IF = 32;
export const IP_MULTICAST_TTL = 33;
/** How much the checksum covers. @kernel include/linux/udp.h UDPLITE_SEND_CSCOV */
export const UDPLITE_SEND_CSCOV = 10;
export const UDPLITE_RECV_CSCOV = 11;

/** @kernel net/ipv4/udp.c udp_lib_setsockopt() */
export function udpSetsockopt(sk: UdpSock, level: number, name: number, value: number | Uint8Array): number {
  if (typeof value !== 'number') return -EINVAL;
  if (level === SOL_SOCKET && name === SO_NO_CHECK) sk.noCheckTx = value !== 0;
  else if (level === SOL_IP && name === IP_MULTICAST_TTL) return setMulticastTtl(sk, value);
  else if (level === SOL_IP && name === IP_MULTICAST_IF) return setMulticastIf(sk, value);
  else if (level === SOL_UDPLITE && sk.udp.isLite) return setCoverage(sk, name, value);
  else return -ENOPROTOOPT;
  return 0;
}

/** @kernel net/ipv4/udp.c udp_lib_getsockopt() */
export function udpGetsockopt(sk: UdpSock, level: number, name: number): number {
  if (level === SOL_SOCKET && name === SO_NO_CHECK) return Number(sk.noCheckTx);
  if (level === SOL_IP && name === IP_MULTICAST_TTL) return sk.mcTtl;
  if (level === SOL_UDPLITE && sk.udp.isLite) {
    if (name === UDPLITE_SEND_CSCOV) return sk.sendCoverage;
    if (name === UDPLITE_RECV_CSCOV) return Math.max(sk.receiveCoverage, 0);
  }
  return -ENOPROTOOPT;
}

/** -1 stands for the default. */
function setMulticastTtl(sk: UdpSock, value: number): number {
  if (!(value >= -1 && value <= 255)) return -EINVAL;
  sk.mcTtl = value < 0 ? 1 : value;
  return 0;
}

/** The device, by ifindex; 0 leaves it to the routes. */
function setMulticastIf(sk: UdpSock, ifindex: number): number {
  if (sk.boundDevIf !== 0 && ifindex !== 0 && ifindex !== sk.boundDevIf) return -EINVAL;
  sk.mcIndex = ifindex;
  sk.dstCache = null;
  return 0;
}

/** Less than the header cannot be covered. @rfc 3828 3.3 */
function setCoverage(sk: UdpSock, name: number, value: number): number {
  const coverage = value === 0 ? 0 : Math.min(Math.max(value, header.LENGTH), 0xffff);
  if (name === UDPLITE_SEND_CSCOV) sk.sendCoverage = coverage;
  else if (name === UDPLITE_RECV_CSCOV) sk.receiveCoverage = coverage;
  else return -ENOPROTOOPT;
  return 0;
}
