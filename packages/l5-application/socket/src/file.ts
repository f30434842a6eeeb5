import type { EpollItem } from './epoll-item.ts';

/** Who is told when something can be done with a file. */
export interface ReadyListener {
  /**
   * EPOLL* bits that hold now. Called in process context, as a task of the clock, once for any number of events since
   * the last call: so read, write or accept until -EAGAIN, or ask to be called again with `listenAgain`.
   */
  onReady(events: number): void;
  /** The file was closed; nothing comes any more. */
  onClosed?(): void;
}

/** What a file descriptor stands for: a socket or an epoll instance. @kernel include/linux/fs.h struct file */
export interface File {
  readonly kind: 'socket' | 'epoll';
  /** O_NONBLOCK and its like. */
  flags: number;
  /** FD_CLOEXEC. */
  closeOnExec: boolean;
  /** The epoll instances that watch it, linked by `nextOfFile`. @internal */
  watchers: EpollItem | null;
  listener: ReadyListener | null;
  /** EPOLL* bits that hold now. */
  poll(): number;
  /** Has the {@link listener} called soon with what holds then. */
  listenAgain(): void;
  /** 0 or -errno. */
  close(): number;
}
