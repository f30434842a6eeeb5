import { devQueueXmit, netifRx, TC_ACT_OK, TC_ACT_PIPE, TC_ACT_SHOT, TC_ACT_STOLEN } from '@stack/netdev';
import type { NetDevice, PacketAction } from '@stack/netdev';
import { formatHandle } from '../base/handle.ts';
import { skbClone, skbShareCheck, type SkBuff } from '@stack/skb';

/** An action that `tc filter show` knows how to print. */
export interface DescribedAction extends PacketAction {
  text(): string;
}

/** Gives an action its text. */
export function described<A extends PacketAction>(action: A, text: () => string): A & DescribedAction {
  return Object.assign(action, { text });
}

/** Drops the packet. @kernel net/sched/act_gact.c tcf_gact_act() */
export const drop: PacketAction = described(
  () => TC_ACT_SHOT,
  () => 'gact action drop',
);
/** Lets the packet pass, and asks no further filter. */
export const pass: PacketAction = described(
  () => TC_ACT_OK,
  () => 'gact action pass',
);

/** Where {@link mirred} sends packets: out of a device, or in as if it had received them. */
export interface MirredOptions {
  /** A copy goes there. */
  mirror?: NetDevice;
  /** The packet itself goes there. */
  redirect?: NetDevice;
  direction?: 'egress' | 'ingress';
}

/** Sends packets, or copies of them, to another device. @kernel net/sched/act_mirred.c tcf_mirred_act() */
export function mirred({ mirror, redirect, direction = 'egress' }: MirredOptions): PacketAction {
  const deliver = direction === 'egress' ? sendOut : takeIn;
  const act: PacketAction = (skb) => {
    if (mirror !== undefined) deliver(skbClone(skb), mirror);
    if (redirect === undefined) return TC_ACT_PIPE;
    deliver(skbShareCheck(skb), redirect);
    return TC_ACT_STOLEN;
  };
  return described(act, () => {
    const way = direction === 'egress' ? 'Egress' : 'Ingress';
    const parts: string[] = [];
    if (mirror !== undefined) parts.push(`mirred (${way} Mirror to device ${mirror.name}) pipe`);
    if (redirect !== undefined) parts.push(`mirred (${way} Redirect to device ${redirect.name}) stolen`);
    return parts.join(' ');
  });
}

function sendOut(skb: SkBuff, dev: NetDevice): void {
  if (skb.data > skb.macHeader) skb.push(skb.data - skb.macHeader);
  skb.dev = dev;
  devQueueXmit(skb);
}

function takeIn(skb: SkBuff, dev: NetDevice): void {
  if (skb.data < skb.networkHeader) skb.pull(skb.networkHeader - skb.data);
  skb.dev = dev;
  netifRx(skb);
}

/** Changes what the host knows of a packet. @kernel net/sched/act_skbedit.c tcf_skbedit_act() */
export function skbedit(fields: { priority?: number; mark?: number }): PacketAction {
  const { priority, mark } = fields;
  const act: PacketAction = (skb) => {
    if (priority !== undefined) skb.priority = priority;
    if (mark !== undefined) skb.mark = mark;
    return TC_ACT_PIPE;
  };
  const texts = ['skbedit'];
  if (priority !== undefined) texts.push(`priority ${formatHandle(priority >>> 0)}`);
  if (mark !== undefined) texts.push(`mark ${mark >>> 0}`);
  return described(act, () => `${texts.join(' ')} pipe`);
}
