import { SkbQueue } from '@stack/skb';
import type { Cpu } from '@stack/softirq';
import { SkbList } from '../receive/skb-list.ts';
import type { Qdisc } from '../transmit/qdisc.ts';
import { NapiList } from './napi-list.ts';
import type { NapiStruct } from './napi-struct.ts';

/**
 * What one CPU has to do for the network, and its line of /proc/net/softnet_stat.
 *
 * @kernel include/linux/netdevice.h struct softnet_data
 */
export class SoftnetData {
  readonly cpu: Cpu;
  /** Packets taken in, packets that found the backlog full, and how often a round ended before the work did. */
  processed = 0;
  dropped = 0;
  timeSqueeze = 0;

  /** Pollers to be called; those being called in this round, and those of them that have more to do. */
  readonly pollList = new NapiList();
  readonly polling = new NapiList();
  readonly repoll = new NapiList();
  /** Packets of devices without a poller. The backlog takes one queue over while the other fills. */
  inputPktQueue = new SkbQueue();
  processQueue = new SkbQueue();
  /** Polls the two queues. */
  readonly backlog: NapiStruct;
  /** Packets that were freed in interrupts. */
  readonly completionQueue = new SkbList();
  /** Disciplines that have more to send, linked by `nextSched`. */
  outputFirst: Qdisc | null = null;
  outputLast: Qdisc | null = null;
  /** Devices on devices that transmit at the moment. */
  xmitRecursion = 0;
  /** The part of a batch that goes to one handler. */
  readonly sublist = new SkbList();

  constructor(cpu: Cpu, backlog: NapiStruct) {
    this.cpu = cpu;
    this.backlog = backlog;
  }
}
