import { INADDR_LOOPBACK, type Rtable } from '@stack/ipv4';
import { TCP_ESTABLISHED, type MsgHdr } from '@stack/sock';
import type { DatagramSock } from './datagram-sock.ts';

/**
 * The way to whom `msg` names, or to the connected peer for null. Leaves both addresses and the TOS in `home.flow`. Null
 * when there is none.
 */
export function routeForSend(sk: DatagramSock, msg: MsgHdr | null, tos: number): Rtable | null {
  const { flow, ip } = sk.home;
  flow.tos = tos;
  if (msg !== null) return routeTo(sk, msg.address || sk.saddr || INADDR_LOOPBACK);
  flow.saddr = sk.saddr;
  flow.daddr = sk.daddr;
  return ip.skDstCheck(sk);
}

/** Mostly the same as before, as long as the socket has no peer of its own. */
function routeTo(sk: DatagramSock, daddr: number): Rtable | null {
  const { flow, ip } = sk.home;
  const last = sk.dstCache;
  const keeps = sk.state !== TCP_ESTABLISHED && flow.tos === sk.settings.tos;
  flow.daddr = daddr;
  if (keeps && last !== null && sk.lastDaddr === daddr && !last.obsolete) {
    flow.saddr = sk.lastSaddr;
    return last;
  }
  flow.saddr = sk.saddr;
  flow.mark = sk.settings.mark;
  flow.oif = sk.boundDevIf || (daddr >>> 28 === MULTICAST ? sk.mcIndex : 0);
  const route = ip.routeOutput(flow);
  if (keeps) {
    sk.dstCache = route;
    sk.lastDaddr = daddr;
    sk.lastSaddr = flow.saddr;
  }
  return route;
}

/** The first four bits of a group's address. */
const MULTICAST = 0xe;
