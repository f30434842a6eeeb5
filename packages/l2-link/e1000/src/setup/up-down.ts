import { napiDisable, napiEnable, netifCarrierOff, netifStopQueue, netifWakeQueue } from '@stack/netdev';
import { e1000IrqDisable, e1000IrqEnable } from '../interrupt-mask.ts';
import type { E1000Adapter } from '../adapter.ts';
import { ICR_LSC, RCTL_EN, TCTL_EN } from '../bits.ts';
import { e1000UpdateStats } from '../hw/statistics.ts';
import { e1000CleanRxRing } from '../receive/buffers.ts';
import { ICS, RCTL, TCTL } from '../registers.ts';
import { e1000CleanTxRing } from '../transmit/clean-tx.ts';
import { e1000Configure } from './configure.ts';
import { e1000Reset } from './reset.ts';

/** Starts a device that has its rings and was reset. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_up() */
export function e1000Up(adapter: E1000Adapter): void {
  e1000Configure(adapter);
  adapter.down = false;
  napiEnable(adapter.napi);
  e1000IrqEnable(adapter);
  netifWakeQueue(adapter.dev);
  adapter.hw.write(ICS, ICR_LSC); // looks after the link
}

/**
 * Stops the device and takes all packets and buffers out of its rings.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_down()
 */
export function e1000Down(adapter: E1000Adapter): void {
  const { dev, hw } = adapter;
  adapter.down = true;
  adapter.refillTimer.cancel();
  hw.clear(RCTL, RCTL_EN);
  netifStopQueue(dev);
  hw.clear(TCTL, TCTL_EN);
  hw.flush();
  napiDisable(adapter.napi);
  e1000IrqDisable(adapter);
  netifCarrierOff(dev);
  e1000UpdateStats(adapter);
  adapter.linkSpeed = 0;
  e1000Reset(adapter);
  e1000CleanTxRing(adapter, adapter.txRing);
  e1000CleanRxRing(adapter, adapter.rxRing);
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_reinit_locked() */
export function e1000ReinitLocked(adapter: E1000Adapter): void {
  e1000Down(adapter);
  e1000Up(adapter);
}
