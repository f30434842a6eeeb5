import { SEC, type Nanoseconds } from '@stack/clock';
import type { E1000Adapter } from '../adapter.ts';
import { CEXTERR, CRCERRS, ECOL, LATECOL, MPC, MPRC, RLEC, ROC, RUC, RXERRC } from '../registers.ts';

/**
 * How often counters are fetched while there is traffic. Linux has a timer for it; here traffic itself is the occasion,
 * so that an idle host has nothing to do.
 */
export const STATS_INTERVAL: Nanoseconds = 2 * SEC;

/**
 * Adds what the chip has counted since the last time to the device's errors. Frames and bytes are counted by the driver.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_update_stats()
 */
export function e1000UpdateStats(adapter: E1000Adapter): void {
  const { dev, hw, pdev } = adapter;
  adapter.statsAt = adapter.core.clock.now();
  if (!pdev.present || adapter.linkSpeed === 0) return;
  const { stats } = dev;
  const crc = hw.read(CRCERRS);
  const length = hw.read(RUC) + hw.read(ROC) + hw.read(RLEC);
  const missed = hw.read(MPC);
  const aborted = hw.read(ECOL);
  stats.multicast += hw.read(MPRC);
  stats.rxCrcErrors += crc;
  stats.rxLengthErrors += length;
  stats.rxErrors += hw.read(RXERRC) + hw.read(CEXTERR) + crc + length;
  stats.rxMissed += missed;
  stats.txAborted += aborted;
  stats.txErrors += aborted + hw.read(LATECOL);
}
