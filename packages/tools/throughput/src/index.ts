/**
 * How well TCP uses a bottleneck, in virtual time.
 *
 * ```ts
 * const bottleneck = { rate: 100, delay: 10, loss: 0, buffer: 1 };
 * measure(bottleneck, { seed: 7, warmUp: 10, window: 10 }).utilisation;           // about 1
 * measure(bottleneck, { seed: 7, warmUp: 60, window: 60, flows: 2 }).fairness;    // about 1
 * ```
 *
 * @packageDocumentation
 */
export { capacityOf, productOf, queueBytes, type Bottleneck } from './bottleneck.ts';
export { cubicPeriod, grid, measureCell, measureSharing, SHARED, timesFor, type Cell, type Sharing } from './grid.ts';
export { jain, measure, type Measured, type MeasureOptions } from './measure.ts';
export { page } from './page.ts';
