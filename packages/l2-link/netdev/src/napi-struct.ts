import type { Cpu } from '@stack/softirq';
import type { NetDevice } from './net-device.ts';

/** How many packets a poll may take. @kernel include/linux/netdevice.h NAPI_POLL_WEIGHT */
export const NAPI_POLL_WEIGHT = 64;

/** The driver's poll: takes up to `budget` packets, returns how many; calls `napiCompleteDone` when fewer. */
export type NapiPoll = (napi: NapiStruct, budget: number) => number;

/** @kernel include/linux/netdevice.h struct napi_struct */
export class NapiStruct {
  readonly dev: NetDevice;
  readonly poll: NapiPoll;
  readonly weight: number;
  /** Where it is polled: the CPU that took the interrupt. */
  cpu: Cpu | null = null;
  /** @internal NAPIF_STATE_SCHED, and MISSED: asked for again while it was polled. */
  scheduled = false;
  missed = false;
  enabled = false;
  /** @internal In the poll list. */
  next: NapiStruct | null = null;
  /** Counters for users: polls, and packets they brought. */
  polls = 0;
  received = 0;

  constructor(dev: NetDevice, poll: NapiPoll, weight: number = NAPI_POLL_WEIGHT) {
    this.dev = dev;
    this.poll = poll;
    this.weight = weight;
  }
}
