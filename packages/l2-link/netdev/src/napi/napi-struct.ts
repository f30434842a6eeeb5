import type { Cpu } from '@stack/softirq';
import type { NetDevice } from '../device/net-device.ts';
import { SkbList } from '../receive/skb-list.ts';
import { GRO_HASH_BUCKETS, GroList } from './gro-list.ts';

/** How many packets a poll may take. @kernel include/linux/netdevice.h NAPI_POLL_WEIGHT */
export const NAPI_POLL_WEIGHT = 64;

/** The driver's poll: takes up to `budget` packets, returns how many; calls `napiCompleteDone` when fewer. */
export type NapiPoll = (napi: NapiStruct, budget: number) => number;

/** @kernel include/linux/netdevice.h struct napi_struct */
export class NapiStruct {
  readonly dev: NetDevice;
  readonly poll: NapiPoll;
  readonly weight: number;
  /** Where it is polled: the CPU that takes the interrupt; null is the first one. A driver that steers sets it. */
  cpu: Cpu | null = null;
  /** @internal NAPIF_STATE_SCHED, and MISSED: asked for again while it was scheduled. */
  scheduled = false;
  missed = false;
  enabled = false;
  /** @internal In the poll list. */
  next: NapiStruct | null = null;
  /** @internal Packets held back to grow, by flow hash, and which buckets have some. */
  readonly groHash: readonly GroList[] = Array.from({ length: GRO_HASH_BUCKETS }, () => new GroList());
  groBitmask = 0;
  /** @internal Packets on their way up in the next batch, and how many frames they were on the wire. */
  readonly rxList = new SkbList();
  rxCount = 0;
  /** Counters for users: polls, and packets they brought. */
  polls = 0;
  received = 0;

  constructor(dev: NetDevice, poll: NapiPoll, weight: number = NAPI_POLL_WEIGHT) {
    this.dev = dev;
    this.poll = poll;
    this.weight = weight;
  }
}
