import type { Qdisc } from './qdisc.ts';
import type { NetDevice } from './net-device.ts';

/** One hardware transmit queue, with the discipline in front of it. @kernel include/linux/netdevice.h struct netdev_queue */
export class NetdevQueue {
  readonly dev: NetDevice;
  readonly index: number;
  /** Set when the device comes up; until then packets are refused. */
  qdisc: Qdisc | null = null;
  /** The driver's ring is full (or the device is down): nothing is handed to it. */
  stopped = true;
  /** When the driver last took a packet, ns. */
  transStart = 0;
  /** The driver was BUSY although not stopped. */
  requeues = 0;

  constructor(dev: NetDevice, index: number) {
    this.dev = dev;
    this.index = index;
  }
}
