import { netifCarrierOff, netifCarrierOn } from '@stack/netdev';
import type { E1000Adapter } from './adapter.ts';
import { TCTL_EN } from './bits.ts';
import { e1000GetSpeed, e1000HasLink } from './hw/link.ts';
import { e1000UpdateStats } from './hw/statistics.ts';
import { TCTL } from './registers.ts';
import { e1000ReinitLocked } from './setup/up-down.ts';

/**
 * The link came or went: a task in process context. Linux also runs it every two seconds; the interrupts of link changes
 * are reliable here, so that an idle device needs no timer.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_watchdog()
 */
export function e1000Watchdog(adapter: E1000Adapter): void {
  const { dev, hw } = adapter;
  if (adapter.down) return;
  const link = e1000HasLink(hw);
  if (link && !dev.carrier) {
    adapter.linkSpeed = e1000GetSpeed(hw);
    hw.set(TCTL, TCTL_EN);
    netifCarrierOn(dev);
  } else if (!link && dev.carrier) {
    e1000UpdateStats(adapter);
    adapter.linkSpeed = 0;
    netifCarrierOff(dev);
    // Without a link the chip sends nothing: what is in the ring would stay there.
    if (adapter.txRing.nextToClean !== adapter.txRing.nextToUse) e1000ReinitLocked(adapter);
  }
}

/**
 * The queue stayed full for too long. Counts it, and resets the device when the timer that found out is done.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_tx_timeout()
 */
export function e1000TxTimeout(adapter: E1000Adapter): void {
  adapter.txTimeoutCount++;
  adapter.core.clock.post(adapter.resetTask);
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_reset_task() */
export function e1000ResetTask(adapter: E1000Adapter): void {
  if (!adapter.down) e1000ReinitLocked(adapter);
}
