import type { InetSock, Rtable } from '@stack/ipv4';
import { DropReason, SkbQueue, type SkBuff } from '@stack/skb';
import type { BindBucket } from './bind-bucket.ts';
import { purgeErrors, type ErrorQueue } from './error-queue.ts';
import { EPOLLERR, WOKEN_BY_DATA, WOKEN_BY_SPACE, WOKEN_BY_STATE } from './events.ts';
import type { ProtoMemory } from './memory.ts';
import type { Proto } from './proto.ts';
import type { PortOwner, SockCommon } from './sock-common.ts';
import type { SockSettings } from './sock-settings.ts';
import { TCP_CLOSE } from './states.ts';

/** Who waits at a socket: the file of the socket layer. Called in whatever context the event happens in; must only take note. */
export interface SockWaiter {
  /** EPOLL* bits that may have become true. */
  wake(events: number): void;
  /** Calls that wait until they may write; none unless it says so. @kernel include/net/sock.h sk_write_pending */
  readonly writePending?: number;
}

/** What the application set itself: bits of {@link Sock.userlocks}. @kernel include/net/sock.h SOCK_SNDBUF_LOCK */
export const SOCK_SNDBUF_LOCK = 1;
export const SOCK_RCVBUF_LOCK = 2;
export const SOCK_BINDADDR_LOCK = 4;
export const SOCK_BINDPORT_LOCK = 8;

/**
 * The common part of all sockets: identity, budgets, queues, errors, and who waits.
 *
 * @kernel include/net/sock.h struct sock
 */
export abstract class Sock implements InetSock, PortOwner {
  abstract readonly proto: Proto;
  abstract readonly type: number;
  abstract readonly protocol: number;
  /** The budget it shares with all sockets of its protocol. */
  abstract readonly memory: ProtoMemory;
  /** TCP_* state; sockets without connections use ESTABLISHED and CLOSE. */
  state = TCP_CLOSE;

  // Identity. Addresses int32, ports uint16. `rcvSaddr` is what bind set, `saddr` what packets carry.
  saddr = 0;
  rcvSaddr = 0;
  daddr = 0;
  dport = 0;
  /** The port as bound, 0 when not. */
  boundPort = 0;

  // Where it can be found. @internal
  hash = -1;
  hashNext: SockCommon | null = null;
  hashPrev: SockCommon | null = null;
  bindBucket: BindBucket | null = null;
  bindNext: PortOwner | null = null;
  bindPrev: PortOwner | null = null;

  /** What the application set; {@link change} it. Shared with other sockets until then. */
  settings: SockSettings;

  // How packets leave.
  inetId = 0;
  boundDevIf = 0;
  dstCache: Rtable | null = null;

  // Budgets, in bytes of truesize.
  rcvbuf: number;
  sndbuf: number;
  rmemAlloc = 0;
  /** Begins at 1, as in Linux: the socket itself holds one. */
  wmemAlloc = 1;
  wmemQueued = 0;
  /** SOCK_*_LOCK: what the application set, autotuning and disconnect leave alone. */
  userlocks = 0;

  #receiveQueue: SkbQueue | null = null;
  /** Pending error, positive errno, reported once; the soft one only when a call fails for no better reason. */
  err = 0;
  errSoft = 0;
  /** What MSG_ERRQUEUE reads. */
  errors: ErrorQueue | null = null;
  /** RCV_SHUTDOWN | SEND_SHUTDOWN. */
  shutdown = 0;
  /** No application holds it any more. */
  dead = false;
  waiter: SockWaiter | null = null;
  /** Drops at this socket. */
  drops = 0;

  /** A call is inside the socket: packets that arrive meanwhile wait in the backlog. */
  ownedByUser = false;
  /** Made when first needed. */
  backlog: SkbQueue | null = null;
  backlogLen = 0;

  constructor(settings: SockSettings, rcvbuf: number, sndbuf: number) {
    this.settings = settings;
    this.rcvbuf = rcvbuf;
    this.sndbuf = sndbuf;
  }

  /** What came and was not read. Made with the first packet. */
  get receiveQueue(): SkbQueue {
    return (this.#receiveQueue ??= new SkbQueue());
  }

  get hasReceived(): boolean {
    return this.#receiveQueue !== null && !this.#receiveQueue.empty;
  }

  get sport(): number {
    return this.boundPort;
  }

  /** SO_REUSEADDR and SO_REUSEPORT. */
  get reuse(): boolean {
    return this.settings.reuse;
  }

  get reuseport(): boolean {
    return this.settings.reuseport;
  }

  /** Changes settings of this socket alone. */
  change(changes: Partial<this['settings']>): void {
    this.settings = this.settings.with(changes);
  }

  /** What the protocol does with a packet from the backlog. @kernel include/net/sock.h sk_backlog_rcv() */
  abstract backlogRcv(skb: SkBuff): void;

  /** Does what timers and softirqs put off while a call was inside. @kernel include/net/sock.h struct proto */
  releaseCb(): void {}

  /** A packet sent gave back its truesize. @kernel net/core/sock.c sock_def_write_space() */
  writeSpace(): void {
    if (this.wmemAlloc * 2 <= this.sndbuf) this.wake(WOKEN_BY_SPACE);
  }

  /** There is something to read. @kernel net/core/sock.c sock_def_readable() */
  dataReady(): void {
    this.wake(WOKEN_BY_DATA);
  }

  /** The connection has begun, goes on otherwise, or is over. @kernel net/core/sock.c sock_def_wakeup() */
  stateChange(): void {
    this.wake(WOKEN_BY_STATE);
  }

  /** @kernel net/core/sock.c sk_error_report() */
  errorReport(): void {
    this.wake(EPOLLERR);
  }

  /** Where the numbers of its time stamps begin; of a stream at what is acknowledged, or written. Null: it cannot number any now. */
  firstStampKey(_fromWritten: boolean): number | null {
    return 0;
  }

  /** Tells who waits that `events` may have become true. */
  wake(events: number): void {
    this.waiter?.wake(events);
  }

  /** The pending error, which is then no more; negative errno or 0. @kernel include/net/sock.h sock_error() */
  takeError(): number {
    const err = this.err;
    this.err = 0;
    return err === 0 ? 0 : -err;
  }

  /** Gives back everything queued. Protocols call it last. */
  purge(): void {
    this.#receiveQueue?.dropAll(DropReason.SOCKET_CLOSE);
    purgeErrors(this);
    this.dstCache = null;
  }
}
