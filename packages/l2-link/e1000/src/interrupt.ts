import { __napiSchedule, napiCompleteDone, napiSchedulePrep, type NapiStruct } from '@stack/netdev';
import { ENODEV } from '@stack/plugin';
import { IRQ_HANDLED, IRQ_NONE } from '@stack/softirq';
import { NO_PACKET, trace, tracing } from '@stack/trace';
import { e1000Priv, type E1000Adapter } from './adapter.ts';
import { ICR_LSC, ICR_RXSEQ } from './bits.ts';
import { STATS_INTERVAL, e1000UpdateStats } from './hw/statistics.ts';
import { e1000IrqDisable, e1000IrqEnable } from './interrupt-mask.ts';
import { e1000SetItr, isDynamic } from './itr.ts';
import { e1000CleanRxIrq } from './receive/clean-rx.ts';
import { ICR } from './registers.ts';
import { e1000CleanTxIrq } from './transmit/clean-tx.ts';

/** 0 or a negative errno. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_request_irq() */
export function e1000RequestIrq(adapter: E1000Adapter): number {
  const line = adapter.pdev.irq;
  if (line === null) return -ENODEV;
  adapter.napi.cpu = line.cpu;
  adapter.freeIrq = line.request(() => e1000Intr(adapter));
  return 0;
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_free_irq() */
export function e1000FreeIrq(adapter: E1000Adapter): void {
  adapter.freeIrq?.();
  adapter.freeIrq = null;
}

/**
 * The device interrupts: shuts it up and has it polled. Reading the cause clears it.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_intr()
 */
function e1000Intr(adapter: E1000Adapter): number {
  const cause = adapter.hw.read(ICR);
  if (tracing.on) trace('e1000_intr', NO_PACKET, cause);
  if (cause === 0) return IRQ_NONE;
  if (adapter.down) return IRQ_HANDLED;
  if ((cause & (ICR_RXSEQ | ICR_LSC)) !== 0) {
    adapter.hw.getLinkStatus = true;
    adapter.core.clock.post(adapter.watchdogTask);
  }
  e1000IrqDisable(adapter);
  if (napiSchedulePrep(adapter.napi)) __napiSchedule(adapter.napi);
  else e1000IrqEnable(adapter);
  return IRQ_HANDLED;
}

/**
 * The poll: frees what was sent, takes up to `budget` frames, and lets the device interrupt again when there were fewer.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_clean()
 */
export function e1000Clean(napi: NapiStruct, budget: number): number {
  const adapter = e1000Priv(napi.dev);
  if (tracing.on) trace('e1000_clean', NO_PACKET, budget);
  e1000CleanTxIrq(adapter, adapter.txRing);
  const work = e1000CleanRxIrq(adapter, adapter.rxRing, budget);
  if (work === budget || !napiCompleteDone(napi, work)) return work;
  const { hw, itr, linkSpeed, params } = adapter;
  if (isDynamic(params.interruptThrottleRate)) e1000SetItr(hw, itr, params.interruptThrottleRate, linkSpeed);
  if (adapter.core.clock.now() - adapter.statsAt >= STATS_INTERVAL) e1000UpdateStats(adapter);
  if (!adapter.down) e1000IrqEnable(adapter);
  return work;
}
