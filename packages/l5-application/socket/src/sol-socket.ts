import { EDOM, EINVAL, ENODEV, ENOENT, ENOPROTOOPT, EOPNOTSUPP, EPERM } from '@stack/plugin';
import {
  intOf,
  SOCK_RCVBUF_LOCK,
  SOCK_SNDBUF_LOCK,
  sockSetRcvbuf,
  sockSetSndbuf,
  sockSetTimestamping,
  SOCK_DGRAM,
  TCP_LISTEN,
  type Sock,
  type SocketFilter,
} from '@stack/sock';
import { bpfFilter, bpfInstructions } from './bpf-filter.ts';
import * as c from './constants.ts';
import { intsToBytes, viewOf } from './option-value.ts';
import { isRemembered, remember, remembered } from './remembered.ts';
import type { SocketContext } from './socket-context.ts';

/** The most a buffer can be forced to, so that twice as much is still an int. */
const INT_MAX = 0x7fffffff;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;

/** The names with NEW are the same on machines whose time has 64 bits. */
const RECEIVE_LIMITS: readonly number[] = [c.SO_RCVTIMEO, c.SO_RCVTIMEO_NEW];
const SEND_LIMITS: readonly number[] = [c.SO_SNDTIMEO, c.SO_SNDTIMEO_NEW];

/** Whether packets have to be stamped as they come, from now on. @kernel net/core/sock.c sock_enable_timestamp() */
function wantsStamps(name: number, number: number): boolean {
  if (name === c.SO_TIMESTAMPING) return (number & SOF_TIMESTAMPING_RX_SOFTWARE) !== 0;
  return number !== 0 && STAMPED.includes(name);
}

const STAMPED: readonly number[] = [c.SO_TIMESTAMP, c.SO_TIMESTAMP_NEW, c.SO_TIMESTAMPNS, c.SO_TIMESTAMPNS_NEW];
/** @kernel include/uapi/linux/net_tstamp.h */
const SOF_TIMESTAMPING_RX_SOFTWARE = 1 << 3;

/** @kernel net/core/sock.c sk_setsockopt() */
export function setSocketOption(context: SocketContext, sk: Sock, name: number, value: number | Uint8Array): number {
  if (name === c.SO_BINDTODEVICE) return bindToDevice(context, sk, value);
  if (name === c.SO_LINGER) return setLinger(sk, value);
  if (RECEIVE_LIMITS.includes(name) || SEND_LIMITS.includes(name)) return setTimeLimit(sk, name, value);
  if (name === c.SO_ATTACH_FILTER) return attachProgram(sk, value);
  if (name === c.SO_TXTIME) return setTxtime(sk, value);
  if (name === c.SO_MAX_PACING_RATE) return sk.proto.setsockopt(sk, c.SOL_SOCKET, name, value);
  const number = intOf(value);
  if (Number.isNaN(number)) return -EINVAL;
  if (isRemembered(name)) return remember(sk, name, number);
  if (wantsStamps(name, number)) context.core.netstampNeeded = true;
  return setSwitch(sk, name, number) ? 0 : setNumber(context, sk, name, number);
}

/** Options that are on or off. False when `name` is none of them. */
function setSwitch(sk: Sock, name: number, number: number): boolean {
  const on = number !== 0;
  if (name === c.SO_REUSEADDR) sk.change({ reuse: on });
  else if (name === c.SO_REUSEPORT) sk.change({ reuseport: on });
  else if (name === c.SO_OOBINLINE) sk.change({ oobInline: on });
  else if (name === c.SO_BROADCAST) sk.change({ broadcast: on });
  else if (name === c.SO_TIMESTAMP || name === c.SO_TIMESTAMP_NEW) sk.change({ rxStamp: on ? MICROSECONDS : 0 });
  else if (name === c.SO_TIMESTAMPNS || name === c.SO_TIMESTAMPNS_NEW) sk.change({ rxStamp: on ? NANOSECONDS : 0 });
  else if (name === c.SO_KEEPALIVE) {
    sk.change({ keepOpen: on });
    sk.proto.setsockopt(sk, c.SOL_SOCKET, name, number);
  } else return false;
  return true;
}

function setNumber(context: SocketContext, sk: Sock, name: number, number: number): number {
  const { net } = context;
  if (name === c.SO_RCVBUF) sockSetRcvbuf(sk, number, net.rmemMax);
  else if (name === c.SO_RCVBUFFORCE) sockSetRcvbuf(sk, Math.max(number, 0), INT_MAX >> 1);
  else if (name === c.SO_SNDBUF) sockSetSndbuf(sk, number, net.wmemMax);
  else if (name === c.SO_SNDBUFFORCE) sockSetSndbuf(sk, Math.max(number, 0), INT_MAX >> 1);
  else if (name === c.SO_PRIORITY) sk.change({ priority: number });
  else if (name === c.SO_MARK) setMark(sk, number);
  else if (name === c.SO_BINDTOIFINDEX) return bindToIndex(sk, number);
  else if (name === c.SO_RCVLOWAT) return setRcvlowat(sk, number < 0 ? INT_MAX : number);
  else if (name === c.SO_DETACH_FILTER) return detachFilter(sk);
  else if (name === c.SO_LOCK_FILTER) return lockFilter(sk, number !== 0);
  else if (name === c.SO_PEEK_OFF) sk.change({ peekOff: number });
  else if (name === c.SO_TIMESTAMPING) return sockSetTimestamping(sk, number);
  else if (name === c.SO_ZEROCOPY) return setZerocopy(sk, number);
  else if (name === c.SO_BUF_LOCK) return setBufferLock(sk, number);
  else if (name === c.SO_RESERVE_MEM) return number < 0 ? -EINVAL : -EOPNOTSUPP;
  else return sk.proto.setsockopt(sk, c.SOL_SOCKET, name, number);
  return 0;
}

/** Of TCP and UDP only. */
function setZerocopy(sk: Sock, number: number): number {
  if (sk.protocol !== IPPROTO_TCP && (sk.type !== SOCK_DGRAM || sk.protocol !== IPPROTO_UDP)) return -EOPNOTSUPP;
  if (number !== 0 && number !== 1) return -EINVAL;
  sk.change({ zerocopy: number === 1 });
  return 0;
}

/** @kernel net/core/sock.c sk_getsockopt() */
export function getSocketOption(context: SocketContext, sk: Sock, name: number): number | Uint8Array {
  if (isRemembered(name)) return remembered(sk, name);
  switch (name) {
    case c.SO_SNDLOWAT:
      return 1;
    case c.SO_TYPE:
      return sk.type;
    case c.SO_PROTOCOL:
      return sk.protocol;
    case c.SO_DOMAIN:
      return c.AF_INET;
    case c.SO_ERROR:
      return takeAnyError(sk);
    case c.SO_ACCEPTCONN:
      return Number(sk.state === TCP_LISTEN);
    case c.SO_REUSEADDR:
      return Number(sk.reuse);
    case c.SO_REUSEPORT:
      return Number(sk.reuseport);
    case c.SO_OOBINLINE:
      return Number(sk.settings.oobInline);
    case c.SO_BROADCAST:
      return Number(sk.settings.broadcast);
    case c.SO_KEEPALIVE:
      return Number(sk.settings.keepOpen);
    case c.SO_RCVBUF:
      return sk.rcvbuf;
    case c.SO_SNDBUF:
      return sk.sndbuf;
    case c.SO_RCVLOWAT:
      return sk.settings.rcvlowat;
    case c.SO_PRIORITY:
      return sk.settings.priority;
    case c.SO_MARK:
      return sk.settings.mark >>> 0;
    case c.SO_BINDTOIFINDEX:
      return sk.boundDevIf;
    case c.SO_BINDTODEVICE:
      return deviceName(context, sk.boundDevIf);
    case c.SO_LINGER:
      return intsToBytes(Number(sk.settings.linger >= 0), Math.max(sk.settings.linger, 0));
    case c.SO_RCVTIMEO:
    case c.SO_RCVTIMEO_NEW:
      return timeval(sk.settings.receiveTimeout);
    case c.SO_SNDTIMEO:
    case c.SO_SNDTIMEO_NEW:
      return timeval(sk.settings.sendTimeout);
    case c.SO_MEMINFO:
      return meminfo(sk);
    default:
      return getPlain(sk, name);
  }
}

function getPlain(sk: Sock, name: number): number | Uint8Array {
  switch (name) {
    case c.SO_TIMESTAMP:
    case c.SO_TIMESTAMP_NEW:
      return Number(sk.settings.rxStamp === MICROSECONDS);
    case c.SO_TIMESTAMPNS:
    case c.SO_TIMESTAMPNS_NEW:
      return Number(sk.settings.rxStamp === NANOSECONDS);
    case c.SO_TIMESTAMPING:
      return sk.settings.timestamping;
    case c.SO_ZEROCOPY:
      return Number(sk.settings.zerocopy);
    case c.SO_PEEK_OFF:
      return sk.settings.peekOff < 0 ? intsToBytes(sk.settings.peekOff) : sk.settings.peekOff;
    case c.SO_LOCK_FILTER:
      return sk.settings.remembered[c.SO_LOCK_FILTER] ?? 0;
    case c.SO_BUF_LOCK:
      return sk.userlocks & BUFFER_LOCKS;
    case c.SO_TXTIME:
      return intsToBytes(...(sk.settings.txtime ?? [0, 0]));
    case c.SO_BPF_EXTENSIONS:
      return BPF_EXTENSIONS;
    case c.SO_INCOMING_NAPI_ID:
    case c.SO_RESERVE_MEM:
      return 0;
    default:
      return sk.proto.getsockopt(sk, c.SOL_SOCKET, name);
  }
}

/** How fine {@link Sock} tells when something came in. */
const MICROSECONDS = 1;
const NANOSECONDS = 2;
const BUFFER_LOCKS = SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK;
/** @kernel include/uapi/linux/filter.h SKF_AD_MAX */
const BPF_EXTENSIONS = 64;
/** @kernel include/uapi/linux/net_tstamp.h SOF_TXTIME_FLAGS_MASK */
const TXTIME_FLAGS = 3;

/** @kernel net/core/sock.c sk_setsockopt() */
function setBufferLock(sk: Sock, locks: number): number {
  if ((locks & ~BUFFER_LOCKS) !== 0) return -EINVAL;
  sk.userlocks = locks | (sk.userlocks & ~BUFFER_LOCKS);
  return 0;
}

/** `struct sock_txtime`: the clock and flags of the departure times that come with messages. */
function setTxtime(sk: Sock, value: number | Uint8Array): number {
  if (typeof value === 'number' || value.length !== 8) return -EINVAL;
  const [clock, flags] = [viewOf(value).getInt32(0, true), viewOf(value).getInt32(4, true)];
  if ((flags & ~TXTIME_FLAGS) !== 0) return -EINVAL;
  sk.change({ txtime: [clock, flags] });
  return 0;
}

/** Positive errno, the soft one if there is no other. */
function takeAnyError(sk: Sock): number {
  const hard = -sk.takeError();
  if (hard !== 0) return hard;
  const soft = sk.errSoft;
  sk.errSoft = 0;
  return soft;
}

/** `struct linger`. */
function setLinger(sk: Sock, value: number | Uint8Array): number {
  if (typeof value === 'number' || value.length < 8) return -EINVAL;
  sk.change({ linger: viewOf(value).getInt32(0, true) === 0 ? -1 : viewOf(value).getUint32(4, true) });
  return 0;
}

/** `struct timeval`: no time at all is for ever. @kernel net/core/sock.c sock_set_timeout() */
function setTimeLimit(sk: Sock, name: number, value: number | Uint8Array): number {
  if (typeof value === 'number' || value.length < 16) return -EINVAL;
  const [sec, usec] = [0, 8].map((at) => Number(viewOf(value).getBigInt64(at, true)));
  if (usec < 0 || usec >= 1_000_000) return -EDOM;
  const limit = sec < 0 ? 0 : sec * 1000 + Math.ceil(usec / 1000) || Infinity;
  sk.change(RECEIVE_LIMITS.includes(name) ? { receiveTimeout: limit } : { sendTimeout: limit });
  return 0;
}

function timeval(limit: number): Uint8Array {
  const bytes = new Uint8Array(16);
  if (limit === Infinity) return bytes;
  viewOf(bytes).setBigInt64(0, BigInt(Math.floor(limit / 1000)), true);
  viewOf(bytes).setBigInt64(8, BigInt((limit % 1000) * 1000), true);
  return bytes;
}

function setMark(sk: Sock, mark: number): void {
  if (sk.settings.mark === (mark | 0)) return;
  sk.change({ mark: mark | 0 });
  sk.dstCache = null;
}

/** The protocol's own way, if it has one. */
function setRcvlowat(sk: Sock, bytes: number): number {
  const result = sk.proto.setsockopt(sk, c.SOL_SOCKET, c.SO_RCVLOWAT, bytes);
  if (result === -ENOPROTOOPT) sk.change({ rcvlowat: bytes || 1 });
  return result === -ENOPROTOOPT ? 0 : result;
}

/** @kernel net/core/filter.c sk_attach_filter() */
export function setFilter(sk: Sock, filter: SocketFilter): number {
  if (isLocked(sk)) return -EPERM;
  sk.change({ filter });
  return 0;
}

function detachFilter(sk: Sock): number {
  if (isLocked(sk)) return -EPERM;
  if (sk.settings.filter === null) return -ENOENT;
  sk.change({ filter: null });
  return 0;
}

/** The instructions of a program, without the structure that points to them. */
function attachProgram(sk: Sock, value: number | Uint8Array): number {
  const program = typeof value === 'number' ? null : bpfInstructions(value);
  const filter = program === null ? null : bpfFilter(program);
  return filter === null ? -EINVAL : setFilter(sk, filter);
}

function isLocked({ settings }: Sock): boolean {
  return settings.remembered[c.SO_LOCK_FILTER] === 1;
}

/** Once on it stays on. */
function lockFilter(sk: Sock, on: boolean): number {
  if (isLocked(sk) && !on) return -EPERM;
  sk.change({ remembered: { ...sk.settings.remembered, [c.SO_LOCK_FILTER]: Number(on) } });
  return 0;
}

/** The device's name in bytes, zero-terminated or not; an empty one for any. @kernel net/core/sock.c sock_setbindtodevice() */
function bindToDevice(context: SocketContext, sk: Sock, value: number | Uint8Array): number {
  if (typeof value === 'number') return -EINVAL;
  const end = value.indexOf(0);
  const name = String.fromCharCode(...(end < 0 ? value : value.subarray(0, end)));
  const device = context.core.devices.get(name);
  if (name !== '' && device === undefined) return -ENODEV;
  return bindToIndex(sk, device?.ifindex ?? 0);
}

/** The device need not be there yet. */
function bindToIndex(sk: Sock, ifindex: number): number {
  if (ifindex < 0) return -EINVAL;
  sk.boundDevIf = ifindex;
  sk.dstCache = null;
  return 0;
}

function deviceName(context: SocketContext, ifindex: number): Uint8Array {
  for (const device of context.core.devices.values()) {
    if (device.ifindex === ifindex) return Uint8Array.from(device.name, (letter) => letter.charCodeAt(0));
  }
  return new Uint8Array(0);
}

/** What `ss -m` shows. @kernel net/core/sock.c sk_get_meminfo() */
function meminfo(sk: Sock): Uint8Array {
  const { rmemAlloc, rcvbuf, wmemAlloc, sndbuf, wmemQueued, backlogLen, drops } = sk;
  const [forward, options] = [0, (sk.settings.ipOptions?.length ?? 0) + (sk.errors?.optionMemory ?? 0)];
  return intsToBytes(rmemAlloc, rcvbuf, wmemAlloc - 1, sndbuf, forward, wmemQueued, options, backlogLen, drops);
}
