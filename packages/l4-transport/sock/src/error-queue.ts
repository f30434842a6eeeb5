import { EAGAIN } from '@stack/plugin';
import { kmallocRoundup, skbTruesize } from '@stack/skb';
import { MSG_ERRQUEUE, MSG_TRUNC, type MsgHdr } from './message.ts';
import type { Sock } from './sock.ts';
import { SOF_TIMESTAMPING_SOFTWARE } from './stamp-flags.ts';
import { IP_CMSG_PKTINFO, IP_CMSG_TOS, IP_CMSG_TTL } from './sock-settings.ts';

/** Where an entry of the error queue comes from. @kernel include/uapi/linux/errqueue.h */
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_TIMESTAMPING = 4;
export const SO_EE_ORIGIN_ZEROCOPY = 5;
/** The bytes were copied after all. */
export const SO_EE_CODE_ZEROCOPY_COPIED = 1;

/** What an entry costs that quotes nothing, in bytes of truesize. */
export const EMPTY_TRUESIZE = /* @__PURE__ */ skbTruesize(/* @__PURE__ */ kmallocRoundup(0));
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
  /** Of the packet that brought the complaint, or is quoted: its TTL (0: not told), TOS, device and destination. */
  ttl = 0;
  tos = 0;
  ifindex = 0;
  destination = 0;
  /** Of a time stamp: nanoseconds of the host's clock; 0 when who reads it did not ask for them. */
  time = 0;
  /** What the complaint quotes. */
  payload: Uint8Array = NO_BYTES;
  /** What it costs of the receive buffer; that a call with MSG_ZEROCOPY is done with costs of the option memory instead. */
  truesize = 0;
}

/** Made when a socket first has something to tell. */
export class ErrorQueue {
  readonly entries: SockError[] = [];
  /** Sends with MSG_ZEROCOPY so far. */
  zerocopies = 0;
  /** What it costs to tell of them, in bytes of truesize. @kernel include/net/sock.h sk_omem_alloc */
  optionMemory = 0;
  /** Where the numbers of time stamps begin; of a socket for datagrams, the next number. @kernel include/net/sock.h sk_tskey */
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
  const entry = Object.assign(new SockError(), error);
  if (sk.rmemAlloc + entry.truesize >= sk.rcvbuf) return;
  sk.rmemAlloc += entry.truesize;
  errorQueueOf(sk).entries.push(entry);
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
  sk.rmemAlloc -= entry.truesize;
  if (entry.origin === SO_EE_ORIGIN_ZEROCOPY) sk.errors!.optionMemory -= EMPTY_TRUESIZE;
  const { payload } = entry;
  const copied = Math.min(payload.length, length);
  into.set(payload.subarray(0, copied), offset);
  if ((sk.settings.timestamping & SOF_TIMESTAMPING_SOFTWARE) === 0) entry.time = 0;
  if (msg !== null) {
    msg.error = entry;
    msg.address = entry.address;
    msg.port = entry.port;
    describePacket(sk, entry, msg);
    msg.flags = MSG_ERRQUEUE | (copied < payload.length ? MSG_TRUNC : 0);
  }
  tellNext(sk, entry);
  return copied;
}

/** What the socket wants to know of every packet. @kernel net/ipv4/ip_sockglue.c ipv4_datagram_support_cmsg() */
function describePacket({ settings }: Sock, { ttl, tos, ifindex, destination }: SockError, msg: MsgHdr): void {
  const wanted = ttl === 0 ? 0 : settings.cmsgFlags;
  msg.ttl = (wanted & IP_CMSG_TTL) !== 0 ? ttl : -1;
  msg.tos = (wanted & IP_CMSG_TOS) !== 0 ? tos : -1;
  msg.ifindex = (wanted & IP_CMSG_PKTINFO) !== 0 ? ifindex : -1;
  msg.destination = destination;
}

/** What an ICMP error told is the socket's error until it is read; and who waits learns that there is more. @kernel net/core/skbuff.c sock_dequeue_err_skb() */
function tellNext(sk: Sock, read: SockError): void {
  const next = sk.errors!.entries[0];
  if (next !== undefined && next.origin === SO_EE_ORIGIN_ICMP) sk.err = next.errno;
  else if (read.origin === SO_EE_ORIGIN_ICMP) sk.err = 0;
  if (next !== undefined) sk.errorReport();
}

/** Nobody will read it. */
export function purgeErrors(sk: Sock): void {
  for (const { truesize } of sk.errors?.entries ?? []) sk.rmemAlloc -= truesize;
  sk.errors = null;
}
