import type { Config } from '../network/config.ts';

/** How far, in microseconds, an event may be off that comes `gap` after the one before. */
export function toleranceFor(config: Config, gap: number): number {
  return Math.max(config.toleranceUsecs, (gap * config.tolerancePercent) / 100);
}

/** Microseconds as seconds, as scripts write them. */
export function seconds(usecs: number): string {
  return (usecs / 1e6).toFixed(6);
}
