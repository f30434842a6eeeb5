import { token, type Undo } from '@stack/plugin';
import type { MsgHdr } from './message.ts';
import type { Sock } from './sock.ts';

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;

/**
 * What a transport does for the socket calls. Nothing blocks: what would is answered with `-EAGAIN` (or
 * `-EINPROGRESS` for connect), and {@link Sock.wake} tells when to try again. All return 0, a count, or a negative errno.
 *
 * @kernel include/net/sock.h struct proto
 */
export interface Proto<S extends Sock = Sock> {
  readonly name: string;
  /** 0 when the local address may be had. `port` 0 chooses one. */
  bind(sk: S, address: number, port: number): number;
  /** 0, or 1 when nothing has to be waited for though the peer was not asked yet. */
  connect(sk: S, address: number, port: number): number;
  disconnect(sk: S): number;
  listen(sk: S, backlog: number): number;
  /** A connection, or null when none waits (then `sk.err` or `-EAGAIN` applies). */
  accept(sk: S): Sock | null;
  sendmsg(sk: S, bytes: Uint8Array, offset: number, length: number, flags: number, msg: MsgHdr | null): number;
  recvmsg(sk: S, into: Uint8Array, offset: number, length: number, flags: number, msg: MsgHdr | null): number;
  /** RCV_SHUTDOWN, SEND_SHUTDOWN or both. */
  shutdown(sk: S, how: number): number;
  /** EPOLL* bits that hold now. */
  poll(sk: S): number;
  /** The application lets go; the protocol finishes on its own (FIN, TIME_WAIT). */
  close(sk: S): void;
  /** Options of the protocol's own level. -ENOPROTOOPT for what it does not know. */
  setsockopt(sk: S, level: number, name: number, value: number | Uint8Array): number;
  getsockopt(sk: S, level: number, name: number): number | Uint8Array;
  /** SIOCINQ, SIOCOUTQ and their like. */
  ioctl(sk: S, request: number): number;
}

/** A kind of socket: what `socket(AF_INET, type, protocol)` makes. @kernel include/net/protocol.h struct inet_protosw */
export interface InetProtosw {
  readonly type: number;
  /** IPPROTO_*; the one with `isDefault` also answers to 0. */
  readonly protocol: number;
  readonly isDefault: boolean;
  readonly proto: Proto;
  create(): Sock;
}

/** @kernel net/ipv4/af_inet.c inet_register_protosw() */
export interface InetProtosws {
  /** Throws `ERR_STACK_SOCKET_TYPE_TAKEN`. */
  add(kind: InetProtosw): Undo;
  /** Null when there is none: EPROTONOSUPPORT, or ESOCKTNOSUPPORT when no protocol has the type. */
  find(type: number, protocol: number): InetProtosw | null;
  hasType(type: number): boolean;
}

export const InetProtosws = token<InetProtosws>('InetProtosws', 'add sockets() of @stack/sock to the host');
