import { LARGEST_BLOCK, type Address, type Arena } from '@stack/memory';
import { EAGAIN } from '@stack/plugin';
import { DropReason, eth, NET_IP_ALIGN, NET_SKB_PAD, SIZEOF_SHARED_INFO, type SkbPool, type SkBuff } from '@stack/skb';
import type { NetDevice } from '@stack/netdev';
import { IoVector } from './io-vector.ts';
import type { Libc } from './libc.ts';
import { readOffloads } from './offloads.ts';
import { VNET_HEADER } from './vnet-header.ts';

/** A frame of the usual MTU lies in the head, for which the kernel would take 2 KB; what is beyond it, in a page. */
const HEAD = 2048 - SIZEOF_SHARED_INFO;
const HEADROOM = NET_SKB_PAD + NET_IP_ALIGN;

/** Takes frames out of the kernel's queue, straight into blocks of the arena. */
export class TapReceiver {
  readonly #fd: number;
  readonly #libc: Libc;
  readonly #pool: SkbPool;
  readonly #arena: Arena;
  readonly #dev: NetDevice;
  readonly #vector: IoVector;
  /** Room for the rest of the next large frame; 0 while the arena is full. */
  #page: Address = 0;

  constructor(libc: Libc, fd: number, pool: SkbPool, dev: NetDevice) {
    this.#libc = libc;
    this.#fd = fd;
    this.#pool = pool;
    this.#arena = pool.arena;
    this.#dev = dev;
    this.#vector = new IoVector(libc, pool.arena.memory.buffer);
  }

  /**
   * Takes one frame and gives it to `deliver`, unless it is damaged or memory is lacking: then it is dropped and
   * counted. Returns 1, or 0 when there is none at the moment, or a negative errno when the kernel's end is gone.
   */
  read(deliver: (skb: SkBuff) => void): number {
    const skb = this.#pool.alloc(HEAD);
    if (skb === null) return this.#discard();
    skb.headFrag = true;
    skb.reserve(HEADROOM);
    if (this.#page === 0) this.#page = this.#arena.alloc(LARGEST_BLOCK);
    const room = skb.tailroom;
    const page = this.#page === 0 ? 0 : LARGEST_BLOCK;
    const vector = this.#vector;
    vector.start(VNET_HEADER);
    vector.add(skb.data, room);
    if (page > 0) vector.add(this.#page, page);
    const length = this.#readv() - VNET_HEADER;
    if (length < 0) {
      skb.consume();
      return this.#error();
    }
    skb.dev = this.#dev;
    skb.put(Math.min(length, room));
    const whole = length < room + page && (length <= room || this.#addPage(skb, length - room));
    if (!whole) this.#drop(skb, DropReason.NOMEM);
    else if (length < eth.LENGTH || !readOffloads(vector.header, skb)) this.#drop(skb, DropReason.DEV_HDR);
    else deliver(skb);
    return 1;
  }

  close(): void {
    if (this.#page !== 0) this.#arena.release(this.#page);
    this.#page = 0;
  }

  /** A page that is used for the most part is handed on as it is; otherwise its content moves to a block that fits. */
  #addPage(skb: SkBuff, length: number): boolean {
    const arena = this.#arena;
    let block = this.#page;
    if (length > LARGEST_BLOCK / 2) this.#page = 0;
    else {
      block = arena.alloc(length);
      if (block === 0) return false;
      arena.copy(block, this.#page, length);
    }
    skb.addFrag(block, 0, length, arena.blockSize(block));
    return true;
  }

  /** Memory is lacking for the next frame: reads nothing but its header, and it is gone. */
  #discard(): number {
    this.#vector.start(VNET_HEADER);
    if (this.#readv() < 0) return this.#error();
    this.#dev.stats.rxDropped++;
    return 1;
  }

  #readv(): number {
    return this.#libc.readv(this.#fd, this.#vector.address, this.#vector.count);
  }

  #error(): number {
    const errno = this.#libc.errno();
    return errno === EAGAIN ? 0 : -errno;
  }

  #drop(skb: SkBuff, reason: number): void {
    this.#dev.stats.rxDropped++;
    skb.drop(reason);
  }
}
