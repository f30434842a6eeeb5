import type { Clock } from '@stack/clock';
import {
  EAGAIN,
  EALREADY,
  EBADF,
  ECONNABORTED,
  EFAULT,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENOTCONN,
  EOPNOTSUPP,
} from '@stack/plugin';
import {
  MSG_FASTOPEN,
  RCV_SHUTDOWN,
  SOCK_STREAM,
  TCP_CLOSE,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  type MsgHdr,
  type Sock,
  type SocketFilter,
  type SockWaiter,
} from '@stack/sock';
import { tracing } from '@stack/trace';
import { epPollCallback, eventpollRelease, type EpollItem } from './epoll-item.ts';
import { FIONREAD } from './constants.ts';
import type { File, ReadyListener } from './file.ts';
import { getOption, setOption } from './options.ts';
import type { SocketContext } from './socket-context.ts';

/** How far a stream socket is, seen from the application. @kernel include/uapi/linux/net.h socket_state */
const UNCONNECTED = 1;
const CONNECTING = 2;
const CONNECTED = 3;
const DISCONNECTING = 4;
/** Taken for connected, but the SYN waits for the first data. */
const DEFERRED = 5;

/**
 * A socket as the application holds it. Every call returns at once: 0, a count, or a negative errno, `-EAGAIN` or
 * `-EINPROGRESS` for what would block. {@link listener} tells when to try again.
 *
 * @kernel include/linux/net.h struct socket
 */
export class SocketFile implements File, SockWaiter {
  flags = 0;
  closeOnExec = false;
  /** @internal */
  writePending = 0;
  watchers: EpollItem | null = null;
  /** Told of events from now on; call {@link listenAgain} to be told of what holds already. */
  listener: ReadyListener | null = null;
  readonly #context: SocketContext;
  /** Null once closed. */
  #sk: Sock | null;
  #phase: number;
  #posted = false;

  /** @internal Use `sockets.create`. */
  constructor(context: SocketContext, sk: Sock) {
    this.#context = context;
    this.#sk = sk;
    this.#phase = sk.state === TCP_CLOSE ? UNCONNECTED : CONNECTED;
    sk.waiter = this;
  }

  get kind(): 'socket' {
    return 'socket';
  }

  /** The protocol's socket, for diagnosis; null once closed. */
  get sk(): Sock | null {
    return this.#sk;
  }

  /** @internal */
  get clock(): Clock {
    return this.#context.clock;
  }

  /** int32. */
  get localAddress(): number {
    return this.#sk === null ? 0 : this.#sk.rcvSaddr || this.#sk.saddr;
  }

  get localPort(): number {
    return this.#sk?.boundPort ?? 0;
  }

  /** int32; 0 when not connected. */
  get peerAddress(): number {
    return this.#sk?.daddr ?? 0;
  }

  get peerPort(): number {
    return this.#sk?.dport ?? 0;
  }

  /** Bytes that {@link recv} would find; of datagrams, those of the next one. */
  get available(): number {
    return this.#sk === null ? 0 : Math.max(0, this.#sk.proto.ioctl(this.#sk, FIONREAD));
  }

  /** Address int32, 0 for any; port 0 for one that is free. @kernel net/socket.c __sys_bind() */
  bind(address: number, port: number): number {
    const sk = this.#enter();
    return sk === null ? -EBADF : sk.proto.bind(sk, address, port);
  }

  /** At most net.core.somaxconn connections wait to be accepted. @kernel net/socket.c __sys_listen() */
  listen(backlog: number): number {
    const sk = this.#enter();
    if (sk === null) return -EBADF;
    if (sk.type !== SOCK_STREAM) return -EOPNOTSUPP;
    if (this.#phase !== UNCONNECTED) return -EINVAL;
    const { somaxconn } = this.#context.net;
    return sk.proto.listen(sk, backlog < 0 ? somaxconn : Math.min(backlog, somaxconn));
  }

  /** A connection, or a negative errno. @kernel net/socket.c __sys_accept4() */
  accept(): SocketFile | number {
    const sk = this.#enter();
    if (sk === null) return -EBADF;
    if (sk.type !== SOCK_STREAM) return -EOPNOTSUPP;
    if (sk.state !== TCP_LISTEN) return -EINVAL;
    const child = sk.proto.accept(sk);
    if (child === null) return -EAGAIN;
    const file = new SocketFile(this.#context, child);
    file.#phase = CONNECTED;
    return file;
  }

  /**
   * Datagram sockets: 0. Stream sockets: `-EINPROGRESS` at first; once EPOLLOUT holds, SO_ERROR (or a second call)
   * tells how it ended.
   *
   * @kernel net/socket.c __sys_connect()
   */
  connect(address: number, port: number): number {
    const sk = this.#enter();
    if (sk === null) return -EBADF;
    return sk.type === SOCK_STREAM ? this.#streamConnect(sk, address, port) : sk.proto.connect(sk, address, port);
  }

  /** What `connect` with AF_UNSPEC does. */
  disconnect(): number {
    const sk = this.#enter();
    if (sk === null) return -EBADF;
    const result = sk.proto.disconnect(sk);
    if (result === 0) this.#phase = UNCONNECTED;
    return result;
  }

  /** Sends to the connected peer. Flags are MSG_*. Returns how many bytes were taken. */
  send(bytes: Uint8Array, offset = 0, length = bytes.length - offset, flags = 0): number {
    return this.sendmsg(bytes, offset, length, flags, null);
  }

  /** Sends to `msg`'s peer, or to the connected one for null. @kernel net/socket.c __sys_sendmsg() */
  sendmsg(bytes: Uint8Array, offset: number, length: number, flags: number, msg: MsgHdr | null): number {
    const sk = this.#enter();
    if (sk === null) return -EBADF;
    if (sk.type === SOCK_STREAM && ((flags & MSG_FASTOPEN) !== 0 || this.#phase === DEFERRED))
      return this.#connectBySending(sk, bytes, offset, length, flags, msg);
    if (!isWithin(bytes, offset, length)) return -EFAULT;
    return sk.proto.sendmsg(sk, bytes, offset, length, flags, msg);
  }

  /** 0 at the end of a stream. Flags are MSG_*. */
  recv(into: Uint8Array, offset = 0, length = into.length - offset, flags = 0): number {
    return this.recvmsg(into, offset, length, flags, null);
  }

  /** Fills `msg` in, unless null. @kernel net/socket.c __sys_recvmsg() */
  recvmsg(into: Uint8Array, offset: number, length: number, flags: number, msg: MsgHdr | null): number {
    const sk = this.#enter();
    if (sk === null) return -EBADF;
    if (!isWithin(into, offset, length)) return -EFAULT;
    return sk.proto.recvmsg(sk, into, offset, length, flags, msg);
  }

  /** SHUT_RD, SHUT_WR or SHUT_RDWR. @kernel net/ipv4/af_inet.c inet_shutdown() */
  shutdown(how: number): number {
    const sk = this.#enter();
    if (sk === null) return -EBADF;
    const sides = how + 1;
    if (!(sides >= 1 && sides <= 3)) return -EINVAL;
    const { state } = sk;
    if (this.#phase === CONNECTING) this.#phase = isOpening(sk) || state === TCP_CLOSE ? DISCONNECTING : CONNECTED;
    if (state === TCP_SYN_SENT || (state === TCP_LISTEN && (sides & RCV_SHUTDOWN) !== 0)) this.disconnect();
    else if (state !== TCP_LISTEN) sk.proto.shutdown(sk, sides);
    sk.stateChange();
    return state === TCP_CLOSE ? -ENOTCONN : 0;
  }

  /** EPOLL* bits that hold now. */
  poll(): number {
    const sk = this.#sk;
    return sk === null ? 0 : sk.proto.poll(sk);
  }

  /** A value as Linux has it: a number, bytes of a structure (little-endian), or a function for SO_ATTACH_FILTER. */
  setOption(level: number, name: number, value: number | Uint8Array | SocketFilter): number {
    const sk = this.#enter();
    return sk === null ? -EBADF : setOption(this.#context, sk, level, name, value);
  }

  /** The value, or a negative errno. */
  getOption(level: number, name: number): number | Uint8Array {
    const sk = this.#enter();
    return sk === null ? -EBADF : getOption(this.#context, sk, level, name);
  }

  /** SIOCINQ, SIOCOUTQ and what the protocol knows beyond. */
  ioctl(request: number): number {
    const sk = this.#enter();
    return sk === null ? -EBADF : sk.proto.ioctl(sk, request);
  }

  /** The application lets go; what was sent is still delivered. @kernel net/socket.c sock_close() */
  close(): number {
    const sk = this.#enter();
    if (sk === null) return -EBADF;
    const { listener } = this;
    eventpollRelease(this);
    this.listener = null;
    this.#sk = null;
    sk.waiter = null;
    sk.proto.close(sk);
    listener?.onClosed?.();
    return 0;
  }

  /** Closes a connection at once, with RST: what SO_LINGER of 0 seconds does. */
  reset(): number {
    if (this.#sk !== null) this.#sk.change({ linger: 0 });
    return this.close();
  }

  /** Has the {@link listener} called soon with what holds then. */
  listenAgain(): void {
    if (this.#posted) return;
    this.#posted = true;
    this.#context.clock.post(this);
  }

  /** @internal An event at the protocol's socket, in any context. */
  wake(events: number): void {
    if (this.watchers !== null) epPollCallback(this.watchers, events);
    if (this.listener !== null) this.listenAgain();
  }

  /** @internal The task that tells the listener. */
  run(): void {
    this.#posted = false;
    const { listener } = this;
    if (listener === null || this.#enter() === null) return;
    const events = this.poll();
    if (events !== 0) listener.onReady(events);
  }

  /**
   * Fast Open connects with the first data. Bytes that are out of reach are missed only when they are needed: the SYN
   * goes without them. Once connected it is a call like any other, the first time.
   */
  #connectBySending(
    sk: Sock,
    bytes: Uint8Array,
    offset: number,
    length: number,
    flags: number,
    msg: MsgHdr | null,
  ): number {
    if (this.#phase === CONNECTED) return -EISCONN;
    if (this.#phase === CONNECTING && !isOpening(sk)) {
      const error = this.#streamConnect(sk, 0, 0);
      return error < 0 ? error : this.sendmsg(bytes, offset, length, flags & ~MSG_FASTOPEN, msg);
    }
    const result = sk.proto.sendmsg(sk, bytes, offset, length, flags, msg);
    const begun = this.#phase === UNCONNECTED && sk.state !== TCP_CLOSE;
    if (begun || this.#phase === DEFERRED) this.#phase = CONNECTING;
    return result;
  }

  #enter(): Sock | null {
    if (tracing.on) tracing.context = this.#context.cpu;
    return this.#sk;
  }

  /** @kernel net/ipv4/af_inet.c __inet_stream_connect() */
  #streamConnect(sk: Sock, address: number, port: number): number {
    if (this.#phase === CONNECTED || this.#phase === DEFERRED) return -EISCONN;
    if (this.#phase === DISCONNECTING) return -EINVAL;
    if (this.#phase === UNCONNECTED) {
      if (sk.state !== TCP_CLOSE) return -EISCONN;
      const result = sk.proto.connect(sk, address, port);
      if (result < 0 && result !== -EINPROGRESS) return result;
      this.#phase = CONNECTING;
      if (result <= 0) return -EINPROGRESS;
      this.#phase = DEFERRED;
      return 0;
    }
    if (isOpening(sk)) return -EALREADY;
    if (sk.state !== TCP_CLOSE) {
      this.#phase = CONNECTED;
      return 0;
    }
    this.#phase = UNCONNECTED;
    const error = sk.takeError() || -ECONNABORTED;
    sk.proto.disconnect(sk);
    return error;
  }
}

function isOpening(sk: Sock): boolean {
  return sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV;
}

function isWithin(bytes: Uint8Array, offset: number, length: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= bytes.length;
}
