import { withNormal } from '@stack/sock';
import type { EpollFile } from './epoll-file.ts';
import type { File } from './file.ts';

/** One file that an epoll instance watches. @kernel fs/eventpoll.c struct epitem */
export class EpollItem {
  readonly epoll: EpollFile;
  readonly fd: number;
  readonly file: File;
  /** What is wanted: EPOLL* bits with EPOLLET and EPOLLONESHOT. */
  events: number;
  /** The user's, given back with each event. */
  data: unknown;
  /** Neighbours among the watchers of the file. */
  nextOfFile: EpollItem | null = null;
  /** Neighbours in the list of what may be ready. */
  ready = false;
  nextReady: EpollItem | null = null;

  constructor(epoll: EpollFile, fd: number, file: File, events: number, data: unknown) {
    this.epoll = epoll;
    this.fd = fd;
    this.file = file;
    this.events = events;
    this.data = data;
  }

  /** What holds now of what is wanted: EPOLL* bits. @kernel fs/eventpoll.c ep_item_poll() */
  poll(): number {
    return withNormal(this.file.poll()) & this.events;
  }
}

/** An event at a file, in whatever context: those who watch it take note. @kernel fs/eventpoll.c ep_poll_callback() */
export function epPollCallback(first: EpollItem | null, events: number): void {
  for (let item = first; item !== null; item = item.nextOfFile) {
    if ((item.events & events) !== 0) item.epoll.markReady(item);
  }
}

/** The file is closed: nobody watches it any more. @kernel fs/eventpoll.c eventpoll_release_file() */
export function eventpollRelease(file: File): void {
  for (let item = file.watchers; item !== null; item = file.watchers) item.epoll.remove(item);
}
