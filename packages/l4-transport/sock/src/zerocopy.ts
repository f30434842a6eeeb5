import type { SharedBytes } from '@stack/skb';
import {
  EMPTY_TRUESIZE,
  errorQueueOf,
  SO_EE_CODE_ZEROCOPY_COPIED,
  SO_EE_ORIGIN_ZEROCOPY,
  SockError,
} from './error-queue.ts';
import type { Sock } from './sock.ts';

/** Calls and bytes that may be told of together. */
const MOST_CALLS = 65_534;
const MOST_BYTES = 1 << 19;

/**
 * Calls with MSG_ZEROCOPY whose bytes are free together: when the last buffer that has some of them is freed. Their numbers
 * follow each other.
 *
 * @kernel include/linux/skbuff.h struct ubuf_info_msgzc
 */
export class ZerocopyCalls implements SharedBytes {
  copied = false;
  readonly #sk: Sock;
  readonly #first: number;
  #count = 1;
  #bytes: number;
  /** Buffers, and the call that is under way. */
  #shares = 1;

  constructor(sk: Sock, size: number) {
    this.#sk = sk;
    this.#first = errorQueueOf(sk).zerocopies++;
    this.#bytes = size;
  }

  get(): void {
    this.#shares++;
  }

  put(): void {
    if (--this.#shares === 0) this.#complete();
  }

  /** The next call joins, if it can. */
  join(size: number): boolean {
    const queue = errorQueueOf(this.#sk);
    if (this.#count === MOST_CALLS || this.#bytes + size > MOST_BYTES) return false;
    if (this.#first + this.#count !== queue.zerocopies) return false;
    queue.zerocopies++;
    this.#count++;
    this.#bytes += size;
    this.#shares++;
    return true;
  }

  /** The last call is over; if it took no bytes, nothing is told of it. @kernel net/core/skbuff.c msg_zerocopy_put_abort() */
  end(taken: boolean): void {
    if (!taken) {
      errorQueueOf(this.#sk).zerocopies--;
      this.#count--;
    }
    this.put();
  }

  /** Tells of the calls; together with those before them, if nothing else was told since. @kernel net/core/skbuff.c __msg_zerocopy_callback() */
  #complete(): void {
    const sk = this.#sk;
    if (sk.dead) return;
    const queue = errorQueueOf(sk);
    const last = queue.entries.at(-1);
    const end = this.#first + this.#count - 1;
    if (this.#count === 0) {
      queue.optionMemory -= EMPTY_TRUESIZE;
      return;
    }
    if (last !== undefined && last.origin === SO_EE_ORIGIN_ZEROCOPY && last.data === this.#first - 1) {
      last.data = end;
      queue.optionMemory -= EMPTY_TRUESIZE;
    } else {
      queue.entries.push(
        Object.assign(new SockError(), {
          origin: SO_EE_ORIGIN_ZEROCOPY,
          code: this.copied ? SO_EE_CODE_ZEROCOPY_COPIED : 0,
          info: this.#first,
          data: end,
        }),
      );
    }
    sk.errorReport();
  }
}

/**
 * What a call with MSG_ZEROCOPY of `size` bytes is told of by: together with the calls whose bytes are in the last buffer that
 * waits, `tail`, if it can be. The caller has a share. Null when too much is to be told that nobody reads: more than `most` bytes.
 *
 * @kernel net/core/skbuff.c msg_zerocopy_realloc()
 */
export function msgZerocopyRealloc(
  sk: Sock,
  size: number,
  tail: SharedBytes | null,
  most: number,
): ZerocopyCalls | null {
  if (tail instanceof ZerocopyCalls && tail.join(size)) return tail;
  const queue = errorQueueOf(sk);
  if (queue.optionMemory + EMPTY_TRUESIZE > most) return null;
  queue.optionMemory += EMPTY_TRUESIZE;
  return new ZerocopyCalls(sk, size);
}
