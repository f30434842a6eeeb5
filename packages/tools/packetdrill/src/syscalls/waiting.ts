import { MSEC, Timer } from '@stack/clock';
import { EAGAIN } from '@stack/plugin';
import { EPOLLERR, EPOLLHUP, MSG_DONTWAIT } from '@stack/sock';
import { O_NONBLOCK } from '@stack/socket';
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

/** Repeats a call until it has something else to say than -EAGAIN, if the descriptor may block. */
export async function untilDone(session: Session, wait: Wait, flags: number, call: () => number): Promise<number> {
  for (;;) {
    const result = call();
    if (result !== -EAGAIN || !mayBlock(session, wait.fd, flags)) return result;
    await waitForEvent(session, [wait], Infinity);
  }
}

function mayBlock({ network }: Session, fd: number, flags: number): boolean {
  const file = network.host.sockets.files.get(fd);
  return file !== null && (file.flags & O_NONBLOCK) === 0 && (flags & MSG_DONTWAIT) === 0;
}
