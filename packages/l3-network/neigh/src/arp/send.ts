import { devQueueXmit, IFF_NOARP, type NetDevice } from '@stack/netdev';
import { arp, DropReason, eth, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { devHardHeader, llReservedSpace } from '../output.ts';

const ZERO = new Uint8Array(6);

/** What an ARP packet says. */
export interface ArpMessage {
  /** arp.REQUEST or arp.REPLY. */
  readonly operation: number;
  readonly dev: NetDevice;
  readonly source: number;
  readonly target: number;
  /** Link-layer destination; null: to all. */
  readonly to: Uint8Array | null;
  /** Link-layer address of the target, null when it is what the question is about. */
  readonly targetHardware: Uint8Array | null;
}

/**
 * Sends an ARP packet. When memory is lacking, nothing happens: ARP asks again.
 *
 * @kernel net/ipv4/arp.c arp_send()
 */
export function arpSend(message: ArpMessage): void {
  const { dev } = message;
  if ((dev.flags & IFF_NOARP) !== 0) return;
  const skb = arpCreate(message);
  if (skb === null) return;
  if (tracing.on) trace('arp_send', skb, message.operation === arp.REQUEST ? 'request' : 'reply');
  devQueueXmit(skb);
}

/**
 * Tells everybody on the link that we have the address (and this link-layer address).
 *
 * @rfc 5227 2.3
 */
export function arpSendGratuitous(dev: NetDevice, address: number): void {
  const message = { dev, source: address, target: address, to: null, targetHardware: null };
  arpSend({ ...message, operation: arp.REQUEST });
}

/** @kernel net/ipv4/arp.c arp_create() */
function arpCreate(message: ArpMessage): SkBuff | null {
  const { dev } = message;
  const room = llReservedSpace(dev);
  const skb = dev.core.pool.alloc(room + arp.LENGTH);
  if (skb === null) return null;
  skb.reserve(room);
  skb.put(arp.LENGTH);
  skb.resetNetworkHeader();
  skb.dev = dev;
  skb.protocol = eth.TYPE_ARP;
  arp.setHardwareType(skb, arp.HARDWARE_ETHERNET);
  arp.setProtocolType(skb, eth.TYPE_IPV4);
  arp.setHardwareLength(skb, dev.addrLen);
  arp.setProtocolLength(skb, 4);
  arp.setOperation(skb, message.operation);
  arp.setSenderHardware(skb, dev.devAddr);
  arp.setSenderAddress(skb, message.source);
  arp.setTargetHardware(skb, message.targetHardware ?? ZERO);
  arp.setTargetAddress(skb, message.target);
  if (devHardHeader(skb, dev, eth.TYPE_ARP, message.to ?? dev.broadcast, null) >= 0) return skb;
  skb.drop(DropReason.DEV_HDR);
  return null;
}
