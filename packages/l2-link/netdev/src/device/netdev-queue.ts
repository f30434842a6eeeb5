import type { Qdisc } from '../transmit/qdisc.ts';
import type { NetDevice } from './net-device.ts';

/** One hardware transmit queue, with the discipline in front of it. @kernel include/linux/netdevice.h struct netdev_queue */
export class NetdevQueue {
  readonly dev: NetDevice;
  readonly index: number;
  /** In use while the device is up and has a carrier; without one, packets are refused. */
  qdisc: Qdisc | null = null;
  /** The one that comes into use then. */
  qdiscSleeping: Qdisc | null = null;
  /** The driver's ring is full (or the device is down): nothing is handed to it. */
  stopped = true;
  /** When the ring became full after the last packet that the driver took, ns. */
  transStart = 0;
  /** Times that the ring stayed full for longer than the watchdog allows. */
  transTimeout = 0;
  /** Packets that the driver sent back although it had not stopped the queue. */
  requeues = 0;

  constructor(dev: NetDevice, index: number) {
    this.dev = dev;
    this.index = index;
  }
}
