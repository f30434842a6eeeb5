/**
 * The BSD socket calls of one host. Nothing blocks: what would is `-EAGAIN`, and a listener or epoll tells when to
 * try again.
 *
 * ```ts
 * const sockets = host.get(BsdSockets);
 * const fd = sockets.socket(AF_INET, SOCK_STREAM);
 * sockets.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
 * sockets.bind(fd, 0, 80);                      // 0, or a negative errno: -EADDRINUSE
 * sockets.listen(fd, 128);
 * sockets.listenTo(fd, { onReady: () => serve(sockets.accept4(fd)) });
 *
 * const file = sockets.create(SOCK_DGRAM);      // the same without a descriptor
 * file.connect(0x0a000001, 53);
 * file.send(question);
 * ```
 *
 * @packageDocumentation
 */
export { blocking, mayWait, untilDone, untilOpen, type BlockingSockets } from './blocking.ts';
export { bpfFilter, bpfInstructions, type BpfInstruction } from './bpf-filter.ts';
export { BsdSockets, POLLNVAL, SocketCalls, type PollFd, type SockaddrIn } from './bsd-sockets.ts';
export * from './constants.ts';
export { EpollEvent } from './epoll-file.ts';
export { errnoError, type ErrnoError } from './errno-error.ts';
export type { ReadyListener } from './file.ts';
export { bsdSockets } from './plugin.ts';
export { SocketFile } from './socket-file.ts';
