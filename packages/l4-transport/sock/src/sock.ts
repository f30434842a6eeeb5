import { IP_PMTUDISC_WANT, type InetSock, type Rtable } from '@stack/ipv4';
import { DropReason, SkbQueue, type SkBuff } from '@stack/skb';
import type { BindBucket } from './bind-bucket.ts';
import { EPOLLOUT } from './events.ts';
import type { ProtoMemory } from './memory.ts';
import type { Proto } from './proto.ts';
import type { PortOwner, SockCommon } from './sock-common.ts';
import { TCP_CLOSE } from './states.ts';

/** Who waits at a socket: the file of the socket layer. Called in whatever context the event happens in; must only take note. */
export interface SockWaiter {
  /** EPOLL* bits that may have become true. */
  wake(events: number): void;
}

/** What the application set itself: bits of {@link Sock.userlocks}. @kernel include/net/sock.h SOCK_SNDBUF_LOCK */
export const SOCK_SNDBUF_LOCK = 1;
export const SOCK_RCVBUF_LOCK = 2;
export const SOCK_BINDADDR_LOCK = 4;
export const SOCK_BINDPORT_LOCK = 8;

/** Ancillary data wanted with each message: bits of {@link Sock.cmsgFlags}. @kernel include/net/ip.h IP_CMSG_TTL */
export const IP_CMSG_TTL = 1 << 1;
export const IP_CMSG_TOS = 1 << 2;

/** A function of the user's: how many bytes of the packet the socket may see; 0 drops it. */
export type SocketFilter = (skb: SkBuff) => number;

/**
 * The common part of all sockets: identity, budgets, queues, errors, and who waits.
 *
 * @kernel include/net/sock.h struct sock
 */
export abstract class Sock implements InetSock, PortOwner {
  abstract readonly proto: Proto;
  readonly type: number;
  readonly protocol: number;
  /** TCP_* state; sockets without connections use ESTABLISHED and CLOSE. */
  state = TCP_CLOSE;

  // Identity. Addresses int32, ports uint16. `rcvSaddr` is what bind set, `saddr` what packets carry.
  saddr = 0;
  rcvSaddr = 0;
  daddr = 0;
  sport = 0;
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

  // How packets leave.
  tos = 0;
  ttl = -1;
  minTtl = 0;
  pmtudisc = IP_PMTUDISC_WANT;
  inetId = 0;
  boundDevIf = 0;
  mark = 0;
  priority = 0;
  ipOptions: Uint8Array | null = null;
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
  rcvlowat = 1;
  /** The budget it shares with all sockets of its protocol. */
  readonly memory: ProtoMemory;

  readonly receiveQueue = new SkbQueue();
  /** Pending error, positive errno, reported once; the soft one only when a call fails for no better reason. */
  err = 0;
  errSoft = 0;
  /** RCV_SHUTDOWN | SEND_SHUTDOWN. */
  shutdown = 0;
  reuse = false;
  reuseport = false;
  keepOpen = false;
  broadcast = false;
  /** IP_CMSG_*. */
  cmsgFlags = 0;
  /** SO_LINGER: seconds, -1 when off. */
  linger = -1;
  /** No application holds it any more. */
  dead = false;
  filter: SocketFilter | null = null;
  waiter: SockWaiter | null = null;
  /** Drops at this socket. */
  drops = 0;

  /** A call is inside the socket: packets that arrive meanwhile wait in the backlog. */
  ownedByUser = false;
  backlogFirst: SkBuff | null = null;
  backlogLast: SkBuff | null = null;
  backlogLen = 0;

  constructor(type: number, protocol: number, rcvbuf: number, sndbuf: number, memory: ProtoMemory) {
    this.type = type;
    this.protocol = protocol;
    this.rcvbuf = rcvbuf;
    this.sndbuf = sndbuf;
    this.memory = memory;
  }

  /** What the protocol does with a packet from the backlog. @kernel include/net/sock.h sk_backlog_rcv() */
  abstract backlogRcv(skb: SkBuff): void;

  /** Does what timers and softirqs put off while a call was inside. @kernel include/net/sock.h struct proto */
  releaseCb(): void {}

  /** A packet sent gave back its truesize. @kernel net/core/sock.c sock_def_write_space() */
  writeSpace(): void {
    if (this.wmemAlloc * 2 <= this.sndbuf) this.wake(EPOLLOUT);
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
    this.receiveQueue.dropAll(DropReason.SOCKET_CLOSE);
    this.dstCache = null;
  }
}
