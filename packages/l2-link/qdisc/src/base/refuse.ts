import { NET_XMIT_BYPASS_FLAG, NET_XMIT_STOLEN_FLAG, NET_XMIT_SUCCESS, type Qdisc } from '@stack/netdev';
import { DropReason, type SkBuff } from '@stack/skb';
import { STOLEN } from './classify.ts';

/**
 * The end of a packet for which no class was found. The sender does not learn of it: to him it is as if the network had
 * lost it.
 */
export function refuse(qdisc: Qdisc, skb: SkBuff, found: number): number {
  if (found === STOLEN) return NET_XMIT_SUCCESS | NET_XMIT_STOLEN_FLAG;
  qdisc.drops++;
  skb.drop(DropReason.QDISC_DROP);
  return NET_XMIT_SUCCESS | NET_XMIT_BYPASS_FLAG;
}
