import type { VirtualClock } from '@stack/clock';
import type { ModelHost } from '../world/machine.ts';
import { must } from '../violation.ts';

/** Hours after both programs have closed their sockets: every connection has ended, and nothing is left of any. */
export function checkAftermath(host: ModelHost, who: string): void {
  const { tcp } = host;
  const left = {
    connections: tcp.hashinfo.ehash.size,
    listeners: tcp.hashinfo.lhash.size,
    ports: tcp.hashinfo.bhash.size,
    orphans: tcp.orphans,
    'sockets in TIME_WAIT': tcp.timewaits,
    'ended sockets that nobody closed': tcp.ended.size,
    'bytes of socket memory': tcp.memory.allocated,
  };
  for (const [what, count] of Object.entries(left)) must(count === 0, () => `${who} is left with ${count} ${what}`);
}

export function checkSilence(clock: VirtualClock): void {
  const armed = clock.timers.size;
  must(armed === 0, () => `${armed} timers are still armed, the next for ${clock.nextTimer / 1e9} s`);
}
