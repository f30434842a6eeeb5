import { CHECKSUM_NONE, CHECKSUM_UNNECESSARY, DropReason, ip, type SkBuff } from '@stack/skb';
import { HZ } from '@stack/softirq';
import type { NetDevice } from '@stack/netdev';
import { trace, tracing } from '@stack/trace';
import { trimRcsum } from '../input/receive-core.ts';
import { IPCB_OFFSET } from '../ipcb.ts';
import { IpMib } from '../mib/ip-mib.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { ip4FragEcn } from './ecn.ts';
import { INET_FRAG_FIRST_IN, INET_FRAG_LAST_IN, type FragQueue } from './frag-queue.ts';
import { inetFragQueueInsert, IPFRAG_DUP, IPFRAG_OK } from './insert.ts';
import { ipFragReasm } from './reassemble.ts';

/** Who asks; each reassembles for himself. @kernel include/net/ip.h enum ip_defrag_users */
export const IP_DEFRAG_LOCAL_DELIVER = 0;
/** A hook in front of connection tracking: what comes in, and what leaves. */
export const IP_DEFRAG_CONNTRACK_IN = 2;
export const IP_DEFRAG_CONNTRACK_OUT = 0x10002;

/**
 * Takes a fragment. True: it was the last one missing, and `skb` is the whole datagram now. False: it waits for others, or
 * was dropped, and is no longer the caller's; a hook answers NF_STOLEN.
 *
 * @kernel net/ipv4/ip_fragment.c ip_defrag()
 * @rfc 791 3.2
 */
export function ipDefrag(net: NetnsIpv4, skb: SkBuff, user: number): boolean {
  if (tracing.on) trace('ip_defrag', skb, (ip.fragOff(skb) & ip.OFFSET_MASK) << 3);
  net.mib.counts[IpMib.IpReasmReqds]++;
  const queue = ipFind(net, skb, user);
  if (queue !== null) return ipFragQueue(net, queue, skb);
  net.mib.counts[IpMib.IpReasmFails]++;
  skb.drop(DropReason.NOMEM);
  return false;
}

/** The queue of the datagram, made when it is new; null when there is too much already. @kernel net/ipv4/ip_fragment.c ip_find() */
function ipFind(net: NetnsIpv4, skb: SkBuff, user: number): FragQueue | null {
  const { frags, sysctl } = net;
  const id = ip.id(skb);
  const [saddr, daddr, protocol] = [ip.saddr(skb), ip.daddr(skb), ip.protocol(skb)];
  const known = frags.find(id, saddr, daddr, protocol, user);
  if (known !== null) return known;
  if (frags.mem > sysctl.ipfragHighThresh) return null;
  const queue = frags.create(id, saddr, daddr, protocol, user, net.ipExpire);
  queue.rid = net.peers.get(saddr).rid;
  queue.timer.mod(net.wheel.jiffies + sysctl.ipfragTime * HZ);
  return queue;
}

/** @kernel net/ipv4/ip_fragment.c ip_frag_queue() */
function ipFragQueue(net: NetnsIpv4, queue: FragQueue, skb: SkBuff): boolean {
  skb.orphan(); // it may wait long: its socket does not pay for that
  if (ipFragTooFar(net, queue)) ipFragReinit(net, queue);
  const header = ip.headerLength(skb);
  const field = ip.fragOff(skb);
  const size = skb.len;
  const offset = (field & ip.OFFSET_MASK) << 3;
  const end = endOf(queue, skb, offset + size - header, (field & ip.MF) !== 0);
  if (end <= offset) return discard(net, queue, skb);
  skb.pull(header);
  if (!trimRcsum(skb, end - offset)) return discard(net, queue, skb);
  skb.cb[IPCB_OFFSET] = offset;
  const place = inetFragQueueInsert(queue.fragments, skb, offset, end);
  if (place === IPFRAG_DUP) {
    skb.drop(DropReason.DUP_FRAG);
    return false;
  }
  if (place !== IPFRAG_OK) {
    net.mib.counts[IpMib.IpExtReasmOverlaps]++;
    return discard(net, queue, skb);
  }
  account(net, queue, skb, offset, end - offset + header, (field & ip.DF) !== 0);
  if (queue.flags === (INET_FRAG_FIRST_IN | INET_FRAG_LAST_IN) && queue.meat === queue.len) {
    return ipFragReasm(net, queue, skb);
  }
  skb.dst = null;
  return false;
}

/** Where the fragment's data end in the datagram; -1 when that contradicts what came before. Lengths of all but the last are cut to units of 8. */
function endOf(queue: FragQueue, skb: SkBuff, end: number, more: boolean): number {
  const hasLast = (queue.flags & INET_FRAG_LAST_IN) !== 0;
  if (!more) {
    if (end < queue.len || (hasLast && end !== queue.len)) return -1;
    queue.flags |= INET_FRAG_LAST_IN;
    queue.len = end;
    return end;
  }
  if ((end & 7) !== 0 && skb.ipSummed !== CHECKSUM_UNNECESSARY) skb.ipSummed = CHECKSUM_NONE;
  const whole = end & ~7;
  if (whole > queue.len) {
    if (hasLast) return -1;
    queue.len = whole;
  }
  return whole;
}

function account(net: NetnsIpv4, queue: FragQueue, skb: SkBuff, offset: number, size: number, df: boolean): void {
  queue.dev = skb.dev as NetDevice;
  queue.meat += skb.len;
  queue.ecn |= ip4FragEcn(ip.tos(skb));
  queue.truesize += skb.truesize;
  net.frags.mem += skb.truesize;
  if (offset === 0) queue.flags |= INET_FRAG_FIRST_IN;
  if (size > queue.maxSize) queue.maxSize = size;
  if (df && size > queue.maxDfSize) queue.maxDfSize = size;
}

/**
 * So many other datagrams came from this sender since the last fragment that this one may belong to a new datagram with the
 * same id.
 *
 * @kernel net/ipv4/ip_fragment.c ip_frag_too_far()
 */
function ipFragTooFar(net: NetnsIpv4, queue: FragQueue): boolean {
  const most = net.sysctl.ipfragMaxDist;
  if (most === 0) return false;
  const start = queue.rid;
  const end = ++net.peers.get(queue.saddr).rid;
  queue.rid = end;
  return queue.fragments.length > 0 && end - start > most;
}

/** @kernel net/ipv4/ip_fragment.c ip_frag_reinit() */
function ipFragReinit(net: NetnsIpv4, queue: FragQueue): void {
  net.mib.counts[IpMib.IpReasmFails]++;
  net.frags.empty(queue, DropReason.FRAG_TOO_FAR);
  queue.timer.mod(net.wheel.jiffies + net.sysctl.ipfragTime * HZ);
}

/** A fragment that cannot be: nothing of the datagram can be trusted. @rfc 5722 4 */
function discard(net: NetnsIpv4, queue: FragQueue, skb: SkBuff): false {
  net.mib.counts[IpMib.IpReasmFails]++;
  net.frags.kill(queue, DropReason.NOT_SPECIFIED);
  skb.drop(DropReason.NOT_SPECIFIED);
  return false;
}
