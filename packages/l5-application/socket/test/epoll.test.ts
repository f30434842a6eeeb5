import { EBADF, EEXIST, EINVAL, ENOENT } from '@stack/plugin';
import { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLONESHOT, EPOLLOUT, SOCK_STREAM } from '@stack/sock';
import { expect, test } from 'vitest';
import { AF_INET, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EpollEvent } from '../src/index.ts';
import { puppetHost } from './puppet.ts';

function watched(count: number, events: number) {
  const host = puppetHost();
  const { calls } = host;
  const epfd = calls.epollCreate();
  const fds = Array.from({ length: count }, () => calls.socket(AF_INET, SOCK_STREAM));
  for (const fd of fds) calls.epollCtl(epfd, EPOLL_CTL_ADD, fd, events);
  const wait = (most = 8): string[] => {
    const into = Array.from({ length: most }, () => new EpollEvent());
    const found = calls.epollWait(epfd, into);
    return into.slice(0, found).map(({ events: bits, data }) => `${String(data)}:${bits}`);
  };
  return { ...host, epfd, fds, wait };
}

test('level-triggered: reported as long as it holds', () => {
  const { made, wait } = watched(2, EPOLLIN);
  expect(wait()).toEqual([]);
  made[1].become(EPOLLIN | EPOLLOUT);
  expect([wait(), wait()]).toEqual([['2:1'], ['2:1']]);
  made[1].events = EPOLLOUT;
  expect(wait()).toEqual([]);
});

test('edge-triggered: reported once for each event', () => {
  const { made, wait } = watched(1, EPOLLIN | EPOLLET);
  made[0].become(EPOLLIN);
  expect([wait(), wait()]).toEqual([['1:1'], []]);
  made[0].become(EPOLLIN);
  expect([wait(), wait()]).toEqual([['1:1'], []]);
});

test('one-shot: reported once until it is modified', () => {
  const { calls, epfd, made, wait } = watched(1, EPOLLIN | EPOLLONESHOT);
  made[0].become(EPOLLIN);
  expect(wait()).toEqual(['1:1']);
  made[0].become(EPOLLIN | EPOLLERR);
  expect(wait()).toEqual([]);
  calls.epollCtl(epfd, EPOLL_CTL_MOD, 1, EPOLLIN | EPOLLONESHOT, 'mine');
  expect(wait()).toEqual(['mine:9']);
});

test('errors and hang-ups are reported without being asked for, other events only when asked for', () => {
  const { made, wait } = watched(1, EPOLLIN);
  made[0].become(EPOLLOUT);
  expect(wait()).toEqual([]);
  made[0].become(EPOLLOUT | EPOLLERR | EPOLLHUP);
  expect(wait()).toEqual([`1:${EPOLLERR | EPOLLHUP}`]);
});

test('what is ready already is reported after adding', () => {
  const { calls, epfd, made, wait } = watched(0, 0);
  const fd = calls.socket(AF_INET, SOCK_STREAM);
  made[0].events = EPOLLIN;
  calls.epollCtl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, 'late');
  expect(wait()).toEqual(['late:1']);
});

test('with more ready than asked for, all get their turn', () => {
  const { made, wait } = watched(3, EPOLLIN);
  for (const puppet of made) puppet.become(EPOLLIN);
  expect([wait(2), wait(2), wait(2)]).toEqual([
    ['1:1', '2:1'],
    ['3:1', '1:1'],
    ['2:1', '3:1'],
  ]);
});

test('a file that is removed or closed is reported no more', () => {
  const { calls, epfd, made, wait } = watched(3, EPOLLIN);
  for (const puppet of made) puppet.become(EPOLLIN);
  expect(calls.epollCtl(epfd, EPOLL_CTL_DEL, 2)).toBe(0);
  calls.close(3);
  expect(wait()).toEqual(['1:1']);
  expect(calls.socket(AF_INET, SOCK_STREAM)).toBe(3);
  expect(calls.epollCtl(epfd, EPOLL_CTL_MOD, 3, EPOLLIN)).toBe(-ENOENT);
  calls.close(epfd);
  made[0].become(EPOLLIN);
  expect(calls.fileOf(1)).toMatchObject({ watchers: null });
});

test('two instances may watch the same file', () => {
  const { calls, made, wait } = watched(1, EPOLLIN | EPOLLET);
  const other = calls.epollCreate();
  calls.epollCtl(other, EPOLL_CTL_ADD, 1, EPOLLIN);
  made[0].become(EPOLLIN);
  expect(wait()).toEqual(['1:1']);
  expect(calls.epollWait(other, [new EpollEvent()])).toBe(1);
  expect(calls.epollCtl(other, EPOLL_CTL_DEL, 1)).toBe(0);
  made[0].become(EPOLLIN);
  expect(wait()).toEqual(['1:1']);
});

test('a listener is told once when something becomes ready', () => {
  const { calls, epfd, made, clock } = watched(2, EPOLLIN);
  const seen: number[] = [];
  calls.listenTo(epfd, { onReady: (events) => seen.push(events) });
  clock.drain();
  expect(seen).toEqual([]);
  made[0].become(EPOLLIN);
  made[1].become(EPOLLIN);
  clock.drain();
  expect(seen).toEqual([EPOLLIN]);
});

test('what epollCtl and epollWait refuse', () => {
  const { calls, epfd } = watched(1, EPOLLIN);
  expect(calls.epollCtl(epfd, EPOLL_CTL_ADD, 1)).toBe(-EEXIST);
  expect(calls.epollCtl(epfd, EPOLL_CTL_ADD, 9)).toBe(-EBADF);
  expect(calls.epollCtl(9, EPOLL_CTL_ADD, 1)).toBe(-EBADF);
  expect(calls.epollCtl(1, EPOLL_CTL_ADD, 1)).toBe(-EINVAL);
  expect(calls.epollCtl(epfd, EPOLL_CTL_ADD, epfd)).toBe(-EINVAL);
  expect(calls.epollCtl(epfd, 7, 1)).toBe(-EINVAL);
  calls.epollCtl(epfd, EPOLL_CTL_DEL, 1);
  expect(calls.epollCtl(epfd, EPOLL_CTL_DEL, 1)).toBe(-ENOENT);
  expect(calls.epollCtl(epfd, EPOLL_CTL_MOD, 1)).toBe(-ENOENT);
  expect(calls.epollWait(epfd, [])).toBe(-EINVAL);
});
