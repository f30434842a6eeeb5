import {
  EAFNOSUPPORT,
  EBADF,
  EEXIST,
  EINVAL,
  EMFILE,
  ENOENT,
  ENOTCONN,
  ENOTSOCK,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
  StackError,
  token,
} from '@stack/plugin';
import {
  EPOLLERR,
  EPOLLHUP,
  TCP_CLOSE,
  TCP_SYN_SENT,
  type InetProtosws,
  type MsgHdr,
  type SocketFilter,
  withNormal,
} from '@stack/sock';
import * as c from './constants.ts';
import { EpollFile, type EpollEvent } from './epoll-file.ts';
import { FdTable } from './fd-table.ts';
import type { File, ReadyListener } from './file.ts';
import type { SocketContext } from './socket-context.ts';
import { SocketFile } from './socket-file.ts';

/** An address that a call fills in: `address` int32, `port` uint16. */
export interface SockaddrIn {
  address: number;
  port: number;
}

/** One question and answer of {@link SocketCalls.poll}. */
export interface PollFd {
  fd: number;
  events: number;
  revents: number;
}

/** `revents` of a descriptor that is not open. @kernel include/uapi/asm-generic/poll.h */
export const POLLNVAL = 0x20;

/**
 * The socket calls of one host. Each returns at once: a count or a new descriptor, or a negative errno; what would
 * block is `-EAGAIN` or `-EINPROGRESS`. They take descriptors; {@link create} gives the object behind one, for callers
 * who need no number.
 */
export class SocketCalls {
  readonly files: FdTable;
  readonly #context: SocketContext;
  readonly #kinds: InetProtosws;

  constructor(context: SocketContext, kinds: InetProtosws, limit: number) {
    this.files = new FdTable(limit);
    this.#context = context;
    this.#kinds = kinds;
  }

  /** A socket without a descriptor. Throws `ERR_STACK_SOCKET_KIND` when the host has no such protocol. */
  create(type: number, protocol = 0): SocketFile {
    const file = this.#make(type, protocol);
    if (typeof file !== 'number') return file;
    const problem = `the host has no sockets of type ${type} with protocol ${protocol}`;
    throw new StackError(
      'ERR_STACK_SOCKET_KIND',
      problem,
      'add tcp(), udp() or the plugin of the protocol to the host',
    );
  }

  /** `type` may carry SOCK_NONBLOCK and SOCK_CLOEXEC. @kernel net/socket.c __sys_socket() */
  socket(domain: number, type: number, protocol = 0): number {
    if (domain !== c.AF_INET) return -EAFNOSUPPORT;
    const file = this.#make(type & c.SOCK_TYPE_MASK, protocol);
    return typeof file === 'number' ? file : this.#open(file, type);
  }

  bind(fd: number, address: number, port: number): number {
    const file = this.#socket(fd);
    return typeof file === 'number' ? file : file.bind(address, port);
  }

  listen(fd: number, backlog: number): number {
    const file = this.#socket(fd);
    return typeof file === 'number' ? file : file.listen(backlog);
  }

  /** `peer` is filled in, unless null; flags are SOCK_NONBLOCK and SOCK_CLOEXEC. @kernel net/socket.c __sys_accept4() */
  accept4(fd: number, peer: SockaddrIn | null = null, flags = 0): number {
    const file = this.#socket(fd);
    if (typeof file === 'number') return file;
    if (this.files.full) return -EMFILE;
    const child = file.accept();
    if (typeof child === 'number') return child;
    if (peer !== null) {
      peer.address = child.peerAddress;
      peer.port = child.peerPort;
    }
    return this.#open(child, flags);
  }

  connect(fd: number, address: number, port: number): number {
    const file = this.#socket(fd);
    return typeof file === 'number' ? file : file.connect(address, port);
  }

  disconnect(fd: number): number {
    const file = this.#socket(fd);
    return typeof file === 'number' ? file : file.disconnect();
  }

  send(fd: number, bytes: Uint8Array, flags = 0): number {
    return this.sendmsg(fd, bytes, flags, null);
  }

  /** Sends to `msg.address` and `msg.port`; null is the connected peer. @kernel net/socket.c __sys_sendto() */
  sendmsg(fd: number, bytes: Uint8Array, flags: number, msg: MsgHdr | null): number {
    const file = this.#socket(fd);
    return typeof file === 'number' ? file : file.sendmsg(bytes, 0, bytes.length, flags, msg);
  }

  recv(fd: number, into: Uint8Array, flags = 0): number {
    return this.recvmsg(fd, into, flags, null);
  }

  /** Fills in `msg`'s sender, flags and ancillary data, unless null. @kernel net/socket.c __sys_recvfrom() */
  recvmsg(fd: number, into: Uint8Array, flags: number, msg: MsgHdr | null): number {
    const file = this.#socket(fd);
    return typeof file === 'number' ? file : file.recvmsg(into, 0, into.length, flags, msg);
  }

  read(fd: number, into: Uint8Array): number {
    return this.recvmsg(fd, into, 0, null);
  }

  write(fd: number, bytes: Uint8Array): number {
    return this.sendmsg(fd, bytes, 0, null);
  }

  shutdown(fd: number, how: number): number {
    const file = this.#socket(fd);
    return typeof file === 'number' ? file : file.shutdown(how);
  }

  close(fd: number): number {
    return this.files.remove(fd)?.close() ?? -EBADF;
  }

  /** @kernel net/socket.c __sys_getsockname() */
  getsockname(fd: number, into: SockaddrIn): number {
    const file = this.#socket(fd);
    if (typeof file === 'number') return file;
    into.address = file.localAddress;
    into.port = file.localPort;
    return 0;
  }

  /** @kernel net/socket.c __sys_getpeername() */
  getpeername(fd: number, into: SockaddrIn): number {
    const file = this.#socket(fd);
    if (typeof file === 'number') return file;
    const state = file.sk?.state ?? TCP_CLOSE;
    if (file.peerPort === 0 || state === TCP_CLOSE || state === TCP_SYN_SENT) return -ENOTCONN;
    into.address = file.peerAddress;
    into.port = file.peerPort;
    return 0;
  }

  setsockopt(fd: number, level: number, name: number, value: number | Uint8Array | SocketFilter): number {
    const file = this.#socket(fd);
    return typeof file === 'number' ? file : file.setOption(level, name, value);
  }

  getsockopt(fd: number, level: number, name: number): number | Uint8Array {
    const file = this.#socket(fd);
    return typeof file === 'number' ? file : file.getOption(level, name);
  }

  /** F_GETFD, F_SETFD, F_GETFL and F_SETFL. O_NONBLOCK matters to `blocking()` only: these calls never block. */
  fcntl(fd: number, command: number, argument = 0): number {
    const file = this.files.get(fd);
    if (file === null) return -EBADF;
    if (command === c.F_GETFL) return file.flags | c.O_RDWR;
    if (command === c.F_GETFD) return Number(file.closeOnExec);
    if (command === c.F_SETFD) file.closeOnExec = (argument & c.FD_CLOEXEC) !== 0;
    else if (command !== c.F_SETFL) return -EINVAL;
    else file.flags = argument & c.O_NONBLOCK;
    return 0;
  }

  /** FIONBIO, and what the protocol knows: FIONREAD, TIOCOUTQ. */
  ioctl(fd: number, request: number, argument = 0): number {
    const file = this.#socket(fd);
    if (typeof file === 'number') return file;
    if (request !== c.FIONBIO) return file.ioctl(request);
    file.flags = argument === 0 ? 0 : c.O_NONBLOCK;
    return 0;
  }

  /** Fills in `revents`, and returns for how many they are not 0. @kernel fs/select.c do_poll() */
  poll(fds: readonly PollFd[]): number {
    let count = 0;
    for (const entry of fds) {
      const file = this.files.get(entry.fd);
      if (entry.fd < 0) entry.revents = 0;
      else entry.revents = file === null ? POLLNVAL : withNormal(file.poll()) & (entry.events | EPOLLERR | EPOLLHUP);
      if (entry.revents !== 0) count++;
    }
    return count;
  }

  /** @kernel fs/eventpoll.c do_epoll_create() */
  epollCreate(flags = 0): number {
    return this.#open(new EpollFile(this.#context.clock), flags);
  }

  /** `events` are EPOLL* bits; `data` comes back with each event. @kernel fs/eventpoll.c do_epoll_ctl() */
  epollCtl(epfd: number, operation: number, fd: number, events = 0, data: unknown = fd): number {
    const epoll = this.#epoll(epfd);
    const file = this.files.get(fd);
    if (typeof epoll === 'number') return epoll;
    if (file === null) return -EBADF;
    if (file.kind === 'epoll') return -EINVAL;
    const item = epoll.item(fd);
    if (operation === c.EPOLL_CTL_ADD) {
      if (item !== undefined) return -EEXIST;
      epoll.add(fd, file, events, data);
      return 0;
    }
    if (operation !== c.EPOLL_CTL_MOD && operation !== c.EPOLL_CTL_DEL) return -EINVAL;
    if (item === undefined) return -ENOENT;
    if (operation === c.EPOLL_CTL_MOD) epoll.modify(item, events, data);
    else epoll.remove(item);
    return 0;
  }

  /** How many events were filled in; 0 when nothing is ready. @kernel fs/eventpoll.c do_epoll_wait() */
  epollWait(epfd: number, into: EpollEvent[]): number {
    const epoll = this.#epoll(epfd);
    if (typeof epoll === 'number') return epoll;
    return into.length === 0 ? -EINVAL : epoll.wait(into);
  }

  /** Has `listener` told when the descriptor (of a socket or of epoll) becomes ready; null for nobody. */
  listenTo(fd: number, listener: ReadyListener | null): number {
    const file = this.files.get(fd);
    if (file === null) return -EBADF;
    file.listener = listener;
    file.listenAgain();
    return 0;
  }

  /** What is behind a descriptor of a socket, or a negative errno. */
  fileOf(fd: number): SocketFile | number {
    return this.#socket(fd);
  }

  #make(type: number, protocol: number): SocketFile | number {
    const kind = this.#kinds.find(type, protocol);
    if (kind === null) return this.#kinds.hasType(type) ? -EPROTONOSUPPORT : -ESOCKTNOSUPPORT;
    return new SocketFile(this.#context, kind.create());
  }

  #open(file: File, flags: number): number {
    const fd = this.files.open(file);
    if (fd < 0) file.close();
    else {
      file.flags = flags & c.O_NONBLOCK;
      file.closeOnExec = (flags & c.SOCK_CLOEXEC) !== 0;
    }
    return fd;
  }

  #socket(fd: number): SocketFile | number {
    const file = this.files.get(fd);
    if (file === null) return -EBADF;
    return file instanceof SocketFile ? file : -ENOTSOCK;
  }

  #epoll(fd: number): EpollFile | number {
    const file = this.files.get(fd);
    if (file === null) return -EBADF;
    return file instanceof EpollFile ? file : -EINVAL;
  }
}

/** The socket calls of a host. */
export type BsdSockets = SocketCalls;
export const BsdSockets = token<SocketCalls>('BsdSockets', 'add bsdSockets() of @stack/socket to the host');
