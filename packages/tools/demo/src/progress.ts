import { SingleBar } from 'cli-progress';
import type { Say } from './say.ts';

/** Shows how far a transfer has come, while a person watches. */
export interface Progress {
  at(bytes: number): void;
  stop(): void;
}

const MB = 1e6;

export function progress(total: number, { interactive }: Say): Progress {
  if (!interactive) return { at() {}, stop() {} };
  const bar = new SingleBar({ format: '{bar} {percentage} %  {value} of {total} MB', clearOnComplete: true });
  bar.start(Math.round(total / MB), 0);
  return { at: (bytes) => bar.update(Math.round(bytes / MB)), stop: () => bar.stop() };
}
