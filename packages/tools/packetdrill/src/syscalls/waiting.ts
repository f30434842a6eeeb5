import { MSEC, Timer } from '@stack/clock';
import { EPOLLERR, EPOLLHUP } from '@stack/sock';
import type { Session } from '../run/session.ts';

/** What to wait for at a descriptor. */
export interface Wait {
  readonly fd: number;
  /** EPOLL* bits; errors and hang-ups are waited for as well. */
  readonly events: number;
}

/** Resolves when one of the events holds, or after `timeout` milliseconds; Infinity for never. */
export function waitForEvent({ network }: Session, waits: readonly Wait[], timeout: number): Promise<void> {
  const { sockets } = network.host;
  return new Promise((resolve) => {
    const timer = new Timer(network.clock, { run: () => done() });
    const done = (): void => {
      timer.cancel();
      for (const { fd } of waits) sockets.listenTo(fd, null);
      resolve();
    };
    if (timeout !== Infinity) timer.setIn(Math.round(timeout * MSEC));
    for (const { fd, events } of waits) {
      const wanted = events | EPOLLERR | EPOLLHUP;
      sockets.listenTo(fd, { onReady: (ready) => ((ready & wanted) !== 0 ? done() : undefined), onClosed: done });
    }
  });
}
