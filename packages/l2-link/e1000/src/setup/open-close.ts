import { isValidEtherAddr, napiEnable, netifCarrierOff, netifStartQueue, type NetDevice } from '@stack/netdev';
import { EADDRNOTAVAIL } from '@stack/plugin';
import { e1000Priv } from '../adapter.ts';
import { ICR_LSC } from '../bits.ts';
import { e1000PowerDownPhy, e1000PowerUpPhy } from '../hw/phy.ts';
import { e1000FreeIrq, e1000RequestIrq } from '../interrupt.ts';
import { e1000IrqEnable } from '../interrupt-mask.ts';
import { e1000CleanRxRing } from '../receive/buffers.ts';
import { ICS } from '../registers.ts';
import { e1000Configure } from './configure.ts';
import { e1000Reset } from './reset.ts';
import {
  e1000FreeAllRxResources,
  e1000FreeAllTxResources,
  e1000SetupAllRxResources,
  e1000SetupAllTxResources,
} from './resources.ts';
import { e1000Down } from './up-down.ts';

/** The interface is brought up. 0 or a negative errno. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_open() */
export function e1000Open(dev: NetDevice): number {
  const adapter = e1000Priv(dev);
  if (!isValidEtherAddr(dev.devAddr)) return -EADDRNOTAVAIL;
  netifCarrierOff(dev);
  const error = e1000SetupAllTxResources(adapter) || e1000SetupAllRxResources(adapter);
  if (error < 0) {
    e1000FreeAllTxResources(adapter);
    return error;
  }
  e1000PowerUpPhy(adapter.hw);
  e1000Configure(adapter);
  const refused = e1000RequestIrq(adapter);
  if (refused < 0) {
    e1000Reset(adapter);
    e1000CleanRxRing(adapter, adapter.rxRing);
    e1000FreeAllRxResources(adapter);
    e1000FreeAllTxResources(adapter);
    return refused;
  }
  adapter.down = false;
  napiEnable(adapter.napi);
  e1000IrqEnable(adapter);
  netifStartQueue(dev);
  adapter.hw.write(ICS, ICR_LSC); // looks after the link
  return 0;
}

/** The interface is brought down. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_close() */
export function e1000Close(dev: NetDevice): number {
  const adapter = e1000Priv(dev);
  if (!adapter.down) e1000Down(adapter);
  e1000PowerDownPhy(adapter.hw);
  e1000FreeIrq(adapter);
  e1000FreeAllTxResources(adapter);
  e1000FreeAllRxResources(adapter);
  return 0;
}
