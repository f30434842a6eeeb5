import { EAGAIN } from '@stack/plugin';
import { MSG_ERRQUEUE, MSG_TRUNC, type MsgHdr } from './message.ts';
import type { Sock } from './sock.ts';
import { IP_CMSG_TOS, IP_CMSG_TTL } from './sock-settings.ts';

/** Where an entry of the error queue comes from. @kernel include/uapi/linux/errqueue.h */
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_TIMESTAMPING = 4;
export const SO_EE_ORIGIN_ZEROCOPY = 5;
/** The bytes were copied after all. */
export const SO_EE_CODE_ZEROCOPY_COPIED = 1;
/** Which time stamp it is: a device has it, a queue has it, the peer has acknowledged it. */
export const SCM_TSTAMP_SND = 0;
export const SCM_TSTAMP_SCHED = 1;
export const SCM_TSTAMP_ACK = 2;

/** What one entry costs of the receive buffer. */
const TRUESIZE = 512;
const NO_BYTES = new Uint8Array(0);

/** What a socket has to tell besides its data. @kernel include/uapi/linux/errqueue.h struct sock_extended_err */
export class SockError {
  errno = 0;
  /** SO_EE_ORIGIN_*. */
  origin = 0;
  type = 0;
  code = 0;
  info = 0;
  data = 0;
  /** Who complained, int32; and whom it is about. */
  offender = 0;
  address = 0;
  port = 0;
  /** Of the packet that brought the complaint. */
  ttl = 0;
  tos = 0;
  /** Of a time stamp: nanoseconds of the host's clock; 0 when they were not asked for. */
  time = 0;
  /** What the complaint quotes. */
  payload: Uint8Array = NO_BYTES;
}

/** Made when a socket first has something to tell. */
export class ErrorQueue {
  readonly entries: SockError[] = [];
  /** Sends with MSG_ZEROCOPY so far. */
  zerocopies = 0;
  /** Those of them that are not done with their bytes, and where these end in the stream: int32. */
  readonly zerocopyPending: { readonly number: number; readonly end: number }[] = [];
  /** Where the numbers of time stamps begin. */
  stampKey = 0;
}

export function errorQueueOf(sk: Sock): ErrorQueue {
  return (sk.errors ??= new ErrorQueue());
}

/** EPOLLERR holds because of the queue. */
export function hasQueuedErrors(sk: Sock): boolean {
  return sk.errors !== null && sk.errors.entries.length > 0;
}

/** Tells the application of something, if it has left room to. @kernel net/core/skbuff.c sock_queue_err_skb() */
export function sockQueueErr(sk: Sock, error: Partial<SockError>): void {
  const { entries } = errorQueueOf(sk);
  if ((entries.length + 1) * TRUESIZE + sk.rmemAlloc >= sk.rcvbuf) return;
  entries.push(Object.assign(new SockError(), error));
  sk.errorReport();
}

/**
 * Reads the error queue, as MSG_ERRQUEUE asks: what is quoted goes into the buffer, the rest into `msg.error`. How many
 * bytes, or -EAGAIN.
 *
 * @kernel net/ipv4/ip_sockglue.c ip_recv_error()
 */
export function inetRecvError(sk: Sock, into: Uint8Array, offset: number, length: number, msg: MsgHdr | null): number {
  const entry = sk.errors?.entries.shift();
  if (entry === undefined) return -EAGAIN;
  const { payload } = entry;
  const copied = Math.min(payload.length, length);
  into.set(payload.subarray(0, copied), offset);
  if (msg !== null) {
    msg.error = entry;
    msg.address = entry.address;
    msg.port = entry.port;
    const wanted = entry.origin === SO_EE_ORIGIN_ICMP ? sk.settings.cmsgFlags : 0;
    msg.ttl = (wanted & IP_CMSG_TTL) !== 0 ? entry.ttl : -1;
    msg.tos = (wanted & IP_CMSG_TOS) !== 0 ? entry.tos : -1;
    msg.flags = MSG_ERRQUEUE | (copied < payload.length ? MSG_TRUNC : 0);
  }
  const next = sk.errors!.entries[0];
  sk.err = next !== undefined && next.origin === SO_EE_ORIGIN_ICMP ? next.errno : 0;
  return copied;
}

/** Call `number` with MSG_ZEROCOPY is done with the caller's bytes. Those that follow each other are told of together. @kernel net/core/skbuff.c __msg_zerocopy_callback() */
export function zerocopyDone(sk: Sock, number: number): void {
  const last = errorQueueOf(sk).entries.at(-1);
  if (last !== undefined && last.origin === SO_EE_ORIGIN_ZEROCOPY && last.data === number - 1) {
    last.data = number;
    return;
  }
  sockQueueErr(sk, {
    origin: SO_EE_ORIGIN_ZEROCOPY,
    code: SO_EE_CODE_ZEROCOPY_COPIED,
    info: number,
    data: number,
  });
}
