import type { SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';
import { NET_RX_DROP } from '../constants.ts';
import { skbDev, type NetDevice } from '../device/net-device.ts';
import type { PacketType } from './packet-type.ts';
import { __netifReceiveSkbCore } from './receive-core.ts';
import type { SkbList } from './skb-list.ts';

/**
 * Takes one received packet up, in softirq context. `data` is behind the link-layer header; `dev`, `macHeader` and
 * `protocol` are set. Owns the skb. Returns NET_RX_*.
 *
 * @kernel net/core/dev.c netif_receive_skb()
 */
export function netifReceiveSkb(skb: SkBuff): number {
  if (tracing.on) trace('netif_receive_skb', skb);
  const dev = skbDev(skb);
  const type = __netifReceiveSkbCore(skb);
  return type === null ? NET_RX_DROP : type.func(skb, skbDev(skb), dev);
}

/**
 * Takes a batch up and leaves the list empty.
 *
 * @kernel net/core/dev.c netif_receive_skb_list_internal()
 */
export function netifReceiveSkbList(list: SkbList): void {
  const { first } = list;
  if (first === null) return;
  if (tracing.on) trace('netif_receive_skb_list', first, list.length);
  __netifReceiveSkbList(list, skbDev(first));
}

/**
 * Collects packets as long as the same handler and device follow each other, and hands them over together.
 *
 * @kernel net/core/dev.c __netif_receive_skb_list(), __netif_receive_skb_list_core()
 */
function __netifReceiveSkbList(list: SkbList, firstDev: NetDevice): void {
  if (tracing.on) trace('__netif_receive_skb_list', list.first!, list.length);
  const { sublist } = firstDev.core.softnet;
  let currentType: PacketType | null = null;
  let currentDev = firstDev;
  for (let skb = list.shift(); skb !== null; skb = list.shift()) {
    const dev = skbDev(skb);
    const type = __netifReceiveSkbCore(skb);
    if (type === null) continue;
    if (type !== currentType || dev !== currentDev) {
      if (currentType !== null) __netifReceiveSkbListPtype(sublist, currentType, currentDev);
      currentType = type;
      currentDev = dev;
    }
    sublist.push(skb);
  }
  if (currentType !== null) __netifReceiveSkbListPtype(sublist, currentType, currentDev);
}

/** @kernel net/core/dev.c __netif_receive_skb_list_ptype() */
function __netifReceiveSkbListPtype(list: SkbList, type: PacketType, dev: NetDevice): void {
  if (tracing.on) trace('__netif_receive_skb_list_ptype', list.first!, `${type.name} ${list.length}`);
  if (type.listFunc !== undefined) {
    type.listFunc(list, dev);
    return;
  }
  for (let skb = list.shift(); skb !== null; skb = list.shift()) type.func(skb, dev, dev);
}
