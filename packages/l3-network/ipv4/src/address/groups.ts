import { ipEthMcMap } from '@stack/neigh';
import { devMcAdd, devMcDel, IFF_MULTICAST } from '@stack/netdev';
import { EADDRNOTAVAIL, EINVAL } from '@stack/plugin';
import { INADDR_ALLHOSTS_GROUP } from '../constants.ts';
import { isMulticast } from './classify.ts';
import type { InDevice } from './in-device.ts';

const hardware = new Uint8Array(6);

/** Whether somebody here listens to the group. @kernel net/ipv4/igmp.c ip_check_mc_rcu() */
export function ipCheckMc(inDev: InDevice, group: number): boolean {
  return inDev.groups.has(group);
}

/** One more listener of a group on the device; 0 or a negative errno. @kernel net/ipv4/igmp.c ip_mc_inc_group() */
export function ipMcJoinGroup(inDev: InDevice, group: number): number {
  if (!isMulticast(group)) return -EINVAL;
  const users = inDev.groups.get(group) ?? 0;
  inDev.groups.set(group, users + 1);
  if (users === 0 && (inDev.dev.flags & IFF_MULTICAST) !== 0) {
    ipEthMcMap(group, hardware);
    devMcAdd(inDev.dev, hardware);
  }
  return 0;
}

/** One listener less; 0 or a negative errno. @kernel net/ipv4/igmp.c ip_mc_dec_group() */
export function ipMcLeaveGroup(inDev: InDevice, group: number): number {
  const users = inDev.groups.get(group);
  if (users === undefined) return -EADDRNOTAVAIL;
  if (users > 1) {
    inDev.groups.set(group, users - 1);
    return 0;
  }
  inDev.groups.delete(group);
  if ((inDev.dev.flags & IFF_MULTICAST) !== 0 && !isShared(inDev, group)) {
    ipEthMcMap(group, hardware);
    devMcDel(inDev.dev, hardware);
  }
  return 0;
}

/** Every host listens to this one. @kernel net/ipv4/igmp.c ip_mc_up() */
export function ipMcUp(inDev: InDevice): void {
  if (!inDev.groups.has(INADDR_ALLHOSTS_GROUP)) ipMcJoinGroup(inDev, INADDR_ALLHOSTS_GROUP);
}

/** Thirty-two groups have the same Ethernet address. */
function isShared(inDev: InDevice, group: number): boolean {
  for (const other of inDev.groups.keys()) if ((other ^ group) << 9 === 0) return true;
  return false;
}
