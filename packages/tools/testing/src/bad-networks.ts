import type { CableOptions } from '@stack/cable';

/** A cable and what is wrong with it. */
export interface BadNetwork {
  readonly name: string;
  readonly cable: CableOptions;
}

/** Networks to run the same test over: `describe.each(badNetworks)('over a cable that $name', ({ cable }) => ...)`. */
export const badNetworks: readonly BadNetwork[] = [
  { name: 'is perfect', cable: { rate: '1Gbit' } },
  { name: 'is long', cable: { rate: '100Mbit', delay: '50ms' } },
  { name: 'loses one frame in a hundred', cable: { rate: '100Mbit', delay: '5ms', loss: 0.01 } },
  { name: 'loses one frame in ten', cable: { rate: '100Mbit', delay: '5ms', loss: 0.1 } },
  { name: 'loses on the way back', cable: { rate: '100Mbit', delay: '5ms', bToA: { loss: 0.2 } } },
  { name: 'reorders', cable: { rate: '100Mbit', delay: '5ms', reorder: 0.1 } },
  { name: 'duplicates', cable: { rate: '100Mbit', delay: '5ms', duplicate: 0.1 } },
  { name: 'damages frames', cable: { rate: '100Mbit', delay: '5ms', corrupt: 0.05 } },
  { name: 'damages frames unseen', cable: { rate: '100Mbit', delay: '5ms', corrupt: { rate: 0.05, fcs: false } } },
  { name: 'has a short queue', cable: { rate: '10Mbit', delay: '10ms', queue: 10 } },
  { name: 'is slow', cable: { rate: '1Mbit', delay: '20ms', queue: '64KB' } },
  {
    name: 'does all of it',
    cable: { rate: '20Mbit', delay: '10ms', queue: 50, loss: 0.02, reorder: 0.02, duplicate: 0.02, corrupt: 0.01 },
  },
];
