import type { SkBuff } from '@stack/skb';

/**
 * What a hook decides about a packet: the low eight bits. Above them travel an errno, a queue number or a flag.
 *
 * @kernel include/uapi/linux/netfilter.h NF_DROP
 */
export type Verdict = number;

/** Dropped; whoever sent it learns EPERM, or the errno of {@link NF_DROP_ERR}. */
export const NF_DROP = 0;
/** On to the next hook. */
export const NF_ACCEPT = 1;
/** The hook owns the packet now. */
export const NF_STOLEN = 2;
/** To the handler of a queue, which answers later: see {@link NF_QUEUE_NR}. */
export const NF_QUEUE = 3;
/** This hook once more. A hook that always says so hangs the host. */
export const NF_REPEAT = 4;

export const NF_VERDICT_MASK = 0xff;
export const NF_VERDICT_QBITS = 16;
/** With {@link NF_QUEUE}: accept the packet when nobody serves the queue, instead of dropping it. */
export const NF_VERDICT_FLAG_QUEUE_BYPASS = 0x8000;

/** Drops, and the sender learns `errno` (positive, below 32,768). @kernel include/uapi/linux/netfilter.h NF_DROP_ERR() */
export function NF_DROP_ERR(errno: number): Verdict {
  return (errno << NF_VERDICT_QBITS) | NF_DROP;
}

/**
 * Drops the packet here and now for a reason of the hook's own, and the sender learns `errno` (0: nothing went wrong).
 *
 * @kernel include/linux/netfilter.h NF_DROP_REASON()
 */
export function NF_DROP_REASON(skb: SkBuff, reason: number, errno: number): Verdict {
  skb.drop(reason);
  return (errno << NF_VERDICT_QBITS) | NF_STOLEN;
}

/** The negative errno inside a verdict, 0 for none. @kernel include/linux/netfilter.h NF_DROP_GETERR() */
export function NF_DROP_GETERR(verdict: Verdict): number {
  return 0 - (verdict >> NF_VERDICT_QBITS); // never -0
}

/** To queue `number`, 0 to 65,535. @kernel include/uapi/linux/netfilter.h NF_QUEUE_NR() */
export function NF_QUEUE_NR(number: number): Verdict {
  return (number << NF_VERDICT_QBITS) | NF_QUEUE;
}

const names = ['DROP', 'ACCEPT', 'STOLEN', 'QUEUE', 'REPEAT'];

/** For tracers. */
export function verdictName(verdict: Verdict): string {
  return names[verdict & NF_VERDICT_MASK] ?? 'UNKNOWN';
}
