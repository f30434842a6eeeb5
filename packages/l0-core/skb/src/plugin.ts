import { Memory } from '@stack/memory';
import type { Plugin } from '@stack/plugin';
import { SkbPool, Skbs } from './pool.ts';

/** Gives a host its packet buffers. Needs the machine's memory. */
export function skbs(): Plugin {
  return {
    name: 'skbs',
    provide: (provider) => provider.bind(Skbs, (services) => new SkbPool(services.get(Memory))),
  };
}
