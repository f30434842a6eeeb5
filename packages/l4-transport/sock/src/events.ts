/** What a socket is ready for. @kernel include/uapi/linux/eventpoll.h */
export const EPOLLIN = 0x001;
export const EPOLLPRI = 0x002;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;
export const EPOLLRDNORM = 0x040;
export const EPOLLWRNORM = 0x100;
export const EPOLLRDHUP = 0x2000;
export const EPOLLONESHOT = 1 << 30;
export const EPOLLET = 1 << 31;

/** What may have become true when bytes came, and when room to write is free again; anything may when the state changed. */
export const WOKEN_BY_DATA = EPOLLIN | EPOLLPRI | EPOLLRDNORM;
export const WOKEN_BY_SPACE = EPOLLOUT | EPOLLWRNORM;
export const WOKEN_BY_STATE = 0xffff;

/** What can be read or written is normal data: poll has another name for each. EPOLL* bits to EPOLL* bits. */
export function withNormal(events: number): number {
  return events | ((events & EPOLLIN) !== 0 ? EPOLLRDNORM : 0) | ((events & EPOLLOUT) !== 0 ? EPOLLWRNORM : 0);
}
