import type { NetDevice } from '@stack/netdev';
import { e1000Priv } from './adapter.ts';
import { e1000UpdateStats } from './hw/statistics.ts';

/** Counters of the driver, beside those in `dev.stats`. */
export interface E1000Counters {
  /** Received packets with a TCP or UDP checksum that the chip found right, and wrong. */
  rxCsumOffloadGood: number;
  rxCsumOffloadErrors: number;
  /** Times that there was no memory to receive into. */
  allocRxBuffFailed: number;
  /** Packets that could not be mapped for the chip. */
  txDmaFailed: number;
  /** Times that the chip hung, and that the queue went on after it had been full. */
  txTimeoutCount: number;
  txRestartQueue: number;
}

/**
 * The counters of a device of this driver, as `ethtool -S` shows them; `dev.stats` is brought up to date, too.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_ethtool.c e1000_get_ethtool_stats()
 */
export function e1000GetEthtoolStats(dev: NetDevice): E1000Counters {
  const adapter = e1000Priv(dev);
  e1000UpdateStats(adapter);
  return {
    rxCsumOffloadGood: adapter.hwCsumGood,
    rxCsumOffloadErrors: adapter.hwCsumErr,
    allocRxBuffFailed: adapter.allocRxBuffFailed,
    txDmaFailed: adapter.txDmaFailed,
    txTimeoutCount: adapter.txTimeoutCount,
    txRestartQueue: adapter.restartQueue,
  };
}
