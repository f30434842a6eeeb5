import type { E1000Adapter } from './adapter.ts';
import { ICR_LSC, ICR_RXDMT0, ICR_RXSEQ, ICR_RXT0, ICR_TXDW } from './bits.ts';
import { IMC, IMS } from './registers.ts';

/** @kernel drivers/net/ethernet/intel/e1000/e1000.h IMS_ENABLE_MASK */
const IMS_ENABLE_MASK = ICR_RXT0 | ICR_TXDW | ICR_RXDMT0 | ICR_RXSEQ | ICR_LSC;

/**
 * No flush, as Linux has after both: a write over our bus has arrived when it returns.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_irq_enable()
 */
export function e1000IrqEnable({ hw }: E1000Adapter): void {
  hw.write(IMS, IMS_ENABLE_MASK);
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_irq_disable() */
export function e1000IrqDisable({ hw }: E1000Adapter): void {
  hw.write(IMC, ~0);
}
