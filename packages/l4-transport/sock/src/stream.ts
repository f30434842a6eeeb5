import { WOKEN_BY_SPACE } from './events.ts';
import { skMemCharge, skMemUncharge } from './memory.ts';
import type { Sock } from './sock.ts';

/** Room left in the send queue, in bytes of truesize; may be negative. @kernel include/net/sock.h sk_stream_wspace() */
export function skStreamWspace(sk: Sock): number {
  return sk.sndbuf - sk.wmemQueued;
}

/** What must be free before a writer is told: a third of all. @kernel include/net/sock.h sk_stream_min_wspace() */
export function skStreamMinWspace(sk: Sock): number {
  return sk.wmemQueued >> 1;
}

/** @kernel include/net/sock.h sk_stream_memory_free() */
export function skStreamMemoryFree(sk: Sock): boolean {
  return sk.wmemQueued < sk.sndbuf;
}

/** @kernel include/net/sock.h __sk_stream_is_writeable() */
export function skStreamIsWriteable(sk: Sock): boolean {
  return skStreamWspace(sk) >= skStreamMinWspace(sk);
}

/** Bytes of truesize come into the send queue. @kernel include/net/sock.h sk_wmem_queued_add() */
export function skWmemQueuedAdd(sk: Sock, truesize: number): void {
  sk.wmemQueued += truesize;
  skMemCharge(sk, truesize);
}

/** Bytes of truesize leave the send queue. */
export function skWmemQueuedSub(sk: Sock, truesize: number): void {
  sk.wmemQueued -= truesize;
  skMemUncharge(sk, truesize);
}

/** Tells a writer that there is room again. @kernel net/core/stream.c sk_stream_write_space() */
export function skStreamWriteSpace(sk: Sock): void {
  if (skStreamIsWriteable(sk)) sk.wake(WOKEN_BY_SPACE);
}
