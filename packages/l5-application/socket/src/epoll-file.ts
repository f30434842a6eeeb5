import type { Clock } from '@stack/clock';
import { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT } from '@stack/sock';
import { EpollItem } from './epoll-item.ts';
import type { File, ReadyListener } from './file.ts';

/** What `epollWait` fills in. */
export class EpollEvent {
  events = 0;
  data: unknown = null;
}

/** Bits that are not events; an item of which only they are left is off until EPOLL_CTL_MOD. */
const PRIVATE_BITS = EPOLLET | EPOLLONESHOT;
const ALWAYS = EPOLLERR | EPOLLHUP;

/** An epoll instance. Its {@link listener} is told when something it watches becomes ready. @kernel fs/eventpoll.c struct eventpoll */
export class EpollFile implements File {
  readonly kind = 'epoll';
  flags = 0;
  closeOnExec = false;
  watchers: EpollItem | null = null;
  listener: ReadyListener | null = null;
  readonly #clock: Clock;
  readonly #items = new Map<number, EpollItem>();
  #firstReady: EpollItem | null = null;
  #lastReady: EpollItem | null = null;
  #posted = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The watched file, or undefined. */
  item(fd: number): EpollItem | undefined {
    return this.#items.get(fd);
  }

  /** @kernel fs/eventpoll.c ep_insert() */
  add(fd: number, file: File, events: number, data: unknown): void {
    const item = new EpollItem(this, fd, file, events | ALWAYS, data);
    this.#items.set(fd, item);
    item.nextOfFile = file.watchers;
    file.watchers = item;
    if (item.poll() !== 0) this.markReady(item);
  }

  /** @kernel fs/eventpoll.c ep_modify() */
  modify(item: EpollItem, events: number, data: unknown): void {
    item.events = events | ALWAYS;
    item.data = data;
    if (item.poll() !== 0) this.markReady(item);
  }

  /** @kernel fs/eventpoll.c ep_remove() */
  remove(item: EpollItem): void {
    this.#items.delete(item.fd);
    if (item.ready) this.#unlinkReady(item);
    const { file } = item;
    if (file.watchers === item) file.watchers = item.nextOfFile;
    else {
      let before = file.watchers!;
      while (before.nextOfFile !== item) before = before.nextOfFile!;
      before.nextOfFile = item.nextOfFile;
    }
    item.nextOfFile = null;
  }

  /** @internal Something may have happened at the item. Called in any context. */
  markReady(item: EpollItem): void {
    this.#queue(item);
    if (this.listener !== null) this.listenAgain();
  }

  /** Has the {@link listener} called soon, if something is ready then. */
  listenAgain(): void {
    if (this.#posted) return;
    this.#posted = true;
    this.#clock.post(this);
  }

  /**
   * Fills in at most `into.length` events that hold now and returns how many. Level-triggered items come again as
   * long as they are ready, edge-triggered ones after the next event, one-shot ones not until they are modified.
   *
   * @kernel fs/eventpoll.c ep_send_events()
   */
  wait(into: EpollEvent[]): number {
    let count = 0;
    let item = this.#firstReady;
    this.#firstReady = null;
    this.#lastReady = null;
    let again: EpollItem | null = null;
    let lastAgain: EpollItem | null = null;
    while (item !== null && count < into.length) {
      const next: EpollItem | null = item.nextReady;
      item.nextReady = null;
      item.ready = false;
      const events = item.poll();
      if (events !== 0) {
        into[count].events = events;
        into[count++].data = item.data;
        if ((item.events & EPOLLONESHOT) !== 0) item.events &= PRIVATE_BITS;
        else if ((item.events & EPOLLET) === 0) {
          if (lastAgain === null) again = item;
          else lastAgain.nextReady = item;
          lastAgain = item;
        }
      }
      item = next;
    }
    this.#requeue(item);
    this.#requeue(again);
    return count;
  }

  poll(): number {
    for (let item = this.#firstReady; item !== null; item = item.nextReady) {
      if (item.poll() !== 0) return EPOLLIN;
    }
    return 0;
  }

  close(): number {
    for (const item of this.#items.values()) this.remove(item);
    this.listener = null;
    return 0;
  }

  /** @internal The task that tells the listener. */
  run(): void {
    this.#posted = false;
    const events = this.poll();
    if (events !== 0) this.listener?.onReady(events);
  }

  #queue(item: EpollItem): void {
    if (item.ready) return;
    item.ready = true;
    item.nextReady = null;
    if (this.#lastReady === null) this.#firstReady = item;
    else this.#lastReady.nextReady = item;
    this.#lastReady = item;
  }

  /** Appends a chain of items. */
  #requeue(first: EpollItem | null): void {
    for (let item = first; item !== null;) {
      const next: EpollItem | null = item.nextReady;
      item.ready = false;
      this.#queue(item);
      item = next;
    }
  }

  #unlinkReady(item: EpollItem): void {
    let before: EpollItem | null = null;
    for (let at = this.#firstReady; at !== null && at !== item; at = at.nextReady) before = at;
    if (before === null) this.#firstReady = item.nextReady;
    else before.nextReady = item.nextReady;
    if (this.#lastReady === item) this.#lastReady = before;
    item.nextReady = null;
    item.ready = false;
  }
}
