import type { Ipv4 } from '@stack/ipv4';
import type { NetDevice } from '@stack/netdev';
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENODEV, ENOPROTOOPT } from '@stack/plugin';
import type { DatagramSock } from './datagram-sock.ts';

/** A multicast group that a socket joined on a device. @kernel include/linux/igmp.h struct ip_mc_socklist */
export interface Membership {
  readonly group: number;
  readonly dev: NetDevice;
}

/** `struct ip_mreqn`, of which the last field may be missing. */
const MREQ_LENGTH = 8;
const MREQN_LENGTH = 12;

/**
 * Joins or leaves the group that `struct ip_mreqn` names: group, our address, ifindex. 0 or a negative errno.
 *
 * @kernel net/ipv4/igmp.c ip_mc_join_group(), ip_mc_leave_group()
 */
export function changeMembership(sk: DatagramSock, request: number | Uint8Array, join: boolean): number {
  const { ipv4 } = sk.home;
  if (ipv4 === null) return -ENOPROTOOPT;
  if (typeof request === 'number' || request.length < MREQ_LENGTH) return -EINVAL;
  const view = new DataView(request.buffer, request.byteOffset, request.byteLength);
  const group = view.getInt32(0);
  const dev = ipMcFindDev(
    sk,
    ipv4,
    group,
    view.getInt32(4),
    request.length < MREQN_LENGTH ? 0 : view.getInt32(8, true),
  );
  if (dev === null) return -ENODEV;
  return join ? joinGroup(sk, ipv4, group, dev) : leaveGroup(sk, ipv4, group, dev);
}

/** By number, by an address of ours, or where the route to the group leads. @kernel net/ipv4/igmp.c ip_mc_find_dev() */
function ipMcFindDev(sk: DatagramSock, ipv4: Ipv4, group: number, address: number, ifindex: number): NetDevice | null {
  if (ifindex !== 0) return ipv4.core.devicesByIndex.get(ifindex) ?? null;
  if (address !== 0) return ipv4.addresses().find((ifa) => ifa.address === address)?.dev ?? null;
  const { flow, ip } = sk.home;
  flow.daddr = group;
  flow.saddr = 0;
  flow.oif = 0;
  return ip.routeOutput(flow)?.dev ?? null;
}

function joinGroup(sk: DatagramSock, ipv4: Ipv4, group: number, dev: NetDevice): number {
  if (indexOf(sk, group, dev) >= 0) return -EADDRINUSE;
  const result = ipv4.joinGroup(dev, group);
  if (result === 0) (sk.memberships ??= []).push({ group, dev });
  return result;
}

function leaveGroup(sk: DatagramSock, ipv4: Ipv4, group: number, dev: NetDevice): number {
  const index = indexOf(sk, group, dev);
  if (index < 0) return -EADDRNOTAVAIL;
  sk.memberships!.splice(index, 1);
  return ipv4.leaveGroup(dev, group);
}

function indexOf(sk: DatagramSock, group: number, dev: NetDevice): number {
  return sk.memberships?.findIndex((each) => each.group === group && each.dev === dev) ?? -1;
}

/** The socket closes: it leaves all groups. @kernel net/ipv4/igmp.c ip_mc_drop_socket() */
export function ipMcDropSocket(sk: DatagramSock): void {
  for (const { group, dev } of sk.memberships ?? []) sk.home.ipv4?.leaveGroup(dev, group);
  sk.memberships = null;
}
