import type { SkBuff } from '@stack/skb';
import { SOCK_RCVBUF_LOCK, SOCK_SNDBUF_LOCK, type Sock } from './sock.ts';

/** The least that a buffer may be set to, in bytes of truesize. @kernel include/net/sock.h SOCK_MIN_SNDBUF */
export const SOCK_MIN_SNDBUF = 4_608;
export const SOCK_MIN_RCVBUF = 2_304;

/**
 * The memory that all sockets of a protocol may use together, in bytes of truesize. Below `low` nobody is asked to
 * save, above `pressure` buffers stop growing, above `high` only sockets that have next to nothing get more.
 *
 * @kernel include/net/sock.h sk_prot_mem_limits()
 */
export class ProtoMemory {
  allocated = 0;
  low: number;
  pressure: number;
  high: number;
  #underPressure = false;

  constructor(low: number, pressure: number, high: number) {
    this.low = low;
    this.pressure = pressure;
    this.high = high;
  }

  /** @kernel include/net/sock.h sk_under_memory_pressure() */
  get underPressure(): boolean {
    if (this.allocated <= this.low) this.#underPressure = false;
    else if (this.allocated > this.pressure) this.#underPressure = true;
    return this.#underPressure;
  }
}

/** @kernel include/net/sock.h sk_mem_charge() */
export function skMemCharge(sk: Sock, size: number): void {
  sk.memory.allocated += size;
}

/** @kernel include/net/sock.h sk_mem_uncharge() */
export function skMemUncharge(sk: Sock, size: number): void {
  sk.memory.allocated -= size;
}

/** Whether `size` more bytes may be received. @kernel include/net/sock.h sk_rmem_schedule() */
export function skRmemSchedule(sk: Sock, size: number): boolean {
  return sk.memory.allocated + size <= sk.memory.high || sk.rmemAlloc < SOCK_MIN_RCVBUF;
}

/** Whether `size` more bytes may be queued for sending. @kernel include/net/sock.h sk_wmem_schedule() */
export function skWmemSchedule(sk: Sock, size: number): boolean {
  return sk.memory.allocated + size <= sk.memory.high || sk.wmemQueued < SOCK_MIN_SNDBUF;
}

/**
 * The packet counts against the receive budget of `sk` until it is freed or orphaned.
 *
 * @kernel include/net/sock.h skb_set_owner_r()
 */
export function skbSetOwnerR(skb: SkBuff, sk: Sock): void {
  skb.orphan();
  skb.sk = sk;
  skb.destructor = sockRfree;
  sk.rmemAlloc += skb.truesize;
  skMemCharge(sk, skb.truesize);
}

/** @kernel net/core/sock.c sock_rfree() */
export function sockRfree(skb: SkBuff): void {
  const sk = skb.sk as Sock;
  sk.rmemAlloc -= skb.truesize;
  skMemUncharge(sk, skb.truesize);
}

/**
 * The packet counts against the send budget of `sk` until it has left the host.
 *
 * @kernel net/core/sock.c skb_set_owner_w()
 */
export function skbSetOwnerW(skb: SkBuff, sk: Sock): void {
  skb.orphan();
  skb.sk = sk;
  skb.destructor = sockWfree;
  sk.wmemAlloc += skb.truesize;
}

/** @kernel net/core/sock.c sock_wfree() */
export function sockWfree(skb: SkBuff): void {
  const sk = skb.sk as Sock;
  sk.wmemAlloc -= skb.truesize;
  sk.writeSpace();
}

/** Whether a datagram may be queued for sending. @kernel include/net/sock.h sock_writeable() */
export function sockWriteable(sk: Sock): boolean {
  return sk.wmemAlloc < sk.sndbuf >> 1;
}

/** Sets SO_RCVBUF as Linux does: the value doubled, at most twice `max`. @kernel net/core/sock.c __sock_set_rcvbuf() */
export function sockSetRcvbuf(sk: Sock, value: number, max: number): void {
  sk.userlocks |= SOCK_RCVBUF_LOCK;
  sk.rcvbuf = Math.max(Math.min(value >>> 0, max) * 2, SOCK_MIN_RCVBUF);
}

/** Sets SO_SNDBUF in the same way. @kernel net/core/sock.c sk_setsockopt() */
export function sockSetSndbuf(sk: Sock, value: number, max: number): void {
  sk.userlocks |= SOCK_SNDBUF_LOCK;
  sk.sndbuf = Math.max(Math.min(value >>> 0, max) * 2, SOCK_MIN_SNDBUF);
  sk.writeSpace();
}
