import type { Nanoseconds, Task } from '@stack/clock';
import type { NapiStruct, NetCore, NetDevice } from '@stack/netdev';
import type { PciDev } from '@stack/pci';
import type { Undo } from '@stack/plugin';
import type { WheelTimer } from '@stack/softirq';
import type { E1000Hw } from './hw/hw.ts';
import { RateEstimate } from './itr.ts';
import type { CheckedParameters } from './params.ts';
import type { E1000RxRing } from './receive/rx-ring.ts';
import type { E1000TxRing } from './transmit/tx-ring.ts';

/**
 * All that the driver keeps of one device: `dev.priv`.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000.h struct e1000_adapter
 */
export class E1000Adapter {
  readonly pdev: PciDev;
  readonly dev: NetDevice;
  readonly core: NetCore;
  readonly hw: E1000Hw;
  readonly params: CheckedParameters;
  readonly itr = new RateEstimate();
  /** Made by e1000AllocQueues; this chip has one of each. */
  txRing!: E1000TxRing;
  rxRing!: E1000RxRing;
  /** Made by e1000SwInit. */
  napi!: NapiStruct;
  watchdogTask!: Task;
  resetTask!: Task;
  refillTimer!: WheelTimer;

  /** Not open, or being reset: interrupts mean nothing. */
  down = true;
  /** Gives the interrupt back; null while it is not requested. */
  freeIrq: Undo | null = null;
  /** Of each transmit packet's last descriptor. */
  txdCmd = 0;
  /** Most bytes of a frame in one buffer, the block that holds them, and the room in front of them. */
  rxBufferLen = 0;
  rxBlockSize = 0;
  rxHeadroom = 0;
  /** Whether the chip verifies checksums. */
  rxCsum: boolean;
  /** Mbit/s; 0 without a link. */
  linkSpeed = 0;
  /** When counters were fetched from the chip. */
  statsAt: Nanoseconds = 0;

  /** Packets with a checksum that the chip found right, and wrong. */
  hwCsumGood = 0;
  hwCsumErr = 0;
  /** Times that there was no memory for a receive buffer, or a packet could not be mapped. */
  allocRxBuffFailed = 0;
  txDmaFailed = 0;
  /** Times that the transmit queue hung, and was started again after it was full. */
  txTimeoutCount = 0;
  restartQueue = 0;

  constructor(pdev: PciDev, dev: NetDevice, core: NetCore, hw: E1000Hw, params: CheckedParameters) {
    this.pdev = pdev;
    this.dev = dev;
    this.core = core;
    this.hw = hw;
    this.params = params;
    this.rxCsum = params.xsumRX;
  }
}

/** @kernel include/linux/netdevice.h netdev_priv() */
export function e1000Priv(dev: NetDevice): E1000Adapter {
  return dev.priv as E1000Adapter;
}
