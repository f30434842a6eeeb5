import { EINVAL, ENOPROTOOPT } from '@stack/plugin';
import type { DatagramSock } from './datagram-sock.ts';
import { changeMembership } from './membership.ts';

/** Options of the level of IP that only datagrams have. @kernel include/uapi/linux/in.h IP_MULTICAST_IF */
export const IP_MULTICAST_IF = 32;
export const IP_MULTICAST_TTL = 33;
export const IP_ADD_MEMBERSHIP = 35;
export const IP_DROP_MEMBERSHIP = 36;

/** @kernel net/ipv4/ip_sockglue.c do_ip_setsockopt() */
export function setMulticastOption(sk: DatagramSock, name: number, value: number | Uint8Array): number {
  if (name === IP_ADD_MEMBERSHIP) return changeMembership(sk, value, true);
  if (name === IP_DROP_MEMBERSHIP) return changeMembership(sk, value, false);
  if (typeof value !== 'number') return -EINVAL;
  if (name === IP_MULTICAST_TTL) return setMulticastTtl(sk, value);
  return name === IP_MULTICAST_IF ? setMulticastIf(sk, value) : -ENOPROTOOPT;
}

export function getMulticastOption(sk: DatagramSock, name: number): number {
  if (name === IP_MULTICAST_TTL) return sk.mcTtl;
  return name === IP_MULTICAST_IF ? sk.mcIndex : -ENOPROTOOPT;
}

/** -1 stands for the default. */
function setMulticastTtl(sk: DatagramSock, value: number): number {
  if (!(value >= -1 && value <= 255)) return -EINVAL;
  sk.mcTtl = value < 0 ? 1 : value;
  return 0;
}

/** The device, by ifindex; 0 leaves it to the routes. */
function setMulticastIf(sk: DatagramSock, ifindex: number): number {
  if (sk.boundDevIf !== 0 && ifindex !== 0 && ifindex !== sk.boundDevIf) return -EINVAL;
  sk.mcIndex = ifindex;
  sk.dstCache = null;
  return 0;
}
