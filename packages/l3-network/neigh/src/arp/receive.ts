import { IFF_NOARP, NET_RX_DROP, NET_RX_SUCCESS, type NetDevice } from '@stack/netdev';
import {
  arp,
  DropReason,
  eth,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_LOOPBACK,
  PACKET_OTHERHOST,
  skbShareCheck,
  type SkBuff,
} from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { __neighLookup, neighLookup } from '../create.ts';
import type { Neighbour } from '../neighbour.ts';
import { NEIGH_UPDATE_F_OVERRIDE, NUD_REACHABLE, NUD_STALE } from '../nud.ts';
import { RTN_LOCAL, RTN_UNICAST } from '../rtn.ts';
import { neighUpdate } from '../update.ts';
import type { ArpState } from './arp.ts';
import { arpSend } from './send.ts';

const senderHardware = new Uint8Array(6);

/**
 * An ARP frame came in. Owns the skb.
 *
 * @kernel net/ipv4/arp.c arp_rcv()
 */
export function arpRcv(state: ArpState, skb: SkBuff, dev: NetDevice): number {
  if (tracing.on) trace('arp_rcv', skb);
  if ((dev.flags & IFF_NOARP) !== 0 || skb.pktType === PACKET_LOOPBACK || skb.pktType === PACKET_OTHERHOST) {
    skb.drop(skb.pktType === PACKET_OTHERHOST ? DropReason.OTHERHOST : DropReason.NOT_SPECIFIED);
    return NET_RX_DROP;
  }
  const own = skbShareCheck(skb);
  if (!own.mayPull(arp.LENGTH) || arp.hardwareLength(own) !== dev.addrLen || arp.protocolLength(own) !== 4) {
    own.drop(DropReason.PKT_TOO_SMALL);
    return NET_RX_DROP;
  }
  return arpProcess(state, own, dev);
}

/**
 * Answers questions for our addresses, and learns from what others say of themselves.
 *
 * @kernel net/ipv4/arp.c arp_process()
 * @rfc 826 Packet Reception
 */
function arpProcess(state: ArpState, skb: SkBuff, dev: NetDevice): number {
  if (tracing.on) trace('arp_process', skb, arp.operation(skb));
  const operation = arp.operation(skb);
  const sender = arp.senderAddress(skb);
  const target = arp.targetAddress(skb);
  if (!isSane(skb, operation, target)) {
    skb.drop(DropReason.NOT_SPECIFIED);
    return NET_RX_DROP;
  }
  arp.senderHardware(skb, senderHardware);
  if (sender === 0) answerDetection(state, operation, target, dev);
  else if (operation !== arp.REQUEST || !answer(state, skb, sender, target, dev))
    learn(state, skb, sender, target, dev);
  skb.consume();
  return NET_RX_SUCCESS;
}

function isSane(skb: SkBuff, operation: number, target: number): boolean {
  if (operation !== arp.REQUEST && operation !== arp.REPLY) return false;
  if (arp.hardwareType(skb) !== arp.HARDWARE_ETHERNET || arp.protocolType(skb) !== eth.TYPE_IPV4) return false;
  return target >>> 28 !== 0xe && target >>> 24 !== 127;
}

/** Somebody without an address asks whether the one he wants is free. @rfc 5227 2.1.1 */
function answerDetection(state: ArpState, operation: number, target: number, dev: NetDevice): void {
  if (operation === arp.REQUEST && state.host.addressType(dev, target) === RTN_LOCAL) reply(dev, target, 0);
}

/** True when the question was for us. Who asks is learned: he will be answered soon. */
function answer(state: ArpState, skb: SkBuff, sender: number, target: number, dev: NetDevice): boolean {
  if (state.host.inputType(skb, target, sender, dev) !== RTN_LOCAL) return false;
  const { stats } = state.table;
  if (skb.pktType === PACKET_HOST) stats.rcvProbesUcast++;
  else if (skb.pktType === PACKET_BROADCAST) stats.rcvProbesMcast++;
  if (neighEventNs(state, sender, dev) !== null) reply(dev, target, sender);
  return true;
}

function reply(dev: NetDevice, source: number, target: number): void {
  arpSend({ operation: arp.REPLY, dev, source, target, to: senderHardware, targetHardware: senderHardware });
}

/** @kernel net/core/neighbour.c neigh_event_ns() */
function neighEventNs(state: ArpState, sender: number, dev: NetDevice): Neighbour | null {
  const neigh = __neighLookup(state.table, sender, dev);
  if (neigh !== null) neighUpdate(neigh, senderHardware, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
  return neigh;
}

/**
 * News of a neighbour that we know or asked for. Only an answer to us proves that it hears us too. Of several answers
 * in a row the first is believed, unless it announces itself.
 */
function learn(state: ArpState, skb: SkBuff, sender: number, target: number, dev: NetDevice): void {
  const neigh = neighLookup(state.table, sender, dev);
  if (neigh === null) return;
  const announced = sender === target && state.host.addressType(dev, sender) === RTN_UNICAST;
  const override = announced || state.table.wheel.jiffies > neigh.updated + neigh.parms.locktime;
  const proven = arp.operation(skb) === arp.REPLY && skb.pktType === PACKET_HOST;
  neighUpdate(neigh, senderHardware, proven ? NUD_REACHABLE : NUD_STALE, override ? NEIGH_UPDATE_F_OVERRIDE : 0);
}
