import type { Arena } from '@stack/memory';
import { ENOMEM } from '@stack/plugin';
import { skbCopyBits, type SkBuff } from '@stack/skb';
import { IoVector } from './io-vector.ts';
import type { Libc } from './libc.ts';
import { writeOffloads } from './offloads.ts';
import { VNET_HEADER } from './vnet-header.ts';

/** Puts frames into the kernel, each with one system call that gathers its fragments. */
export class TapTransmitter {
  readonly #fd: number;
  readonly #libc: Libc;
  readonly #arena: Arena;
  readonly #vector: IoVector;

  constructor(libc: Libc, fd: number, arena: Arena) {
    this.#libc = libc;
    this.#fd = fd;
    this.#arena = arena;
    this.#vector = new IoVector(libc, arena.memory.buffer);
  }

  /** 0, or the negative errno that the kernel gave; -EAGAIN: later. The packet stays with the caller. */
  write(skb: SkBuff): number {
    const vector = this.#vector;
    writeOffloads(vector.header, skb);
    vector.start(VNET_HEADER);
    vector.add(skb.data, skb.headlen);
    const { shinfo } = skb;
    if (shinfo.fragList !== null) return this.#writeGathered(skb);
    for (let i = 0; i < shinfo.nrFrags; i++) vector.add(shinfo.fragAddress(i), shinfo.fragSize[i]);
    return this.#writev();
  }

  /** A packet that GRO put together may have more pieces than a system call takes, and copying few costs as much. */
  #writeGathered(skb: SkBuff): number {
    const block = this.#arena.alloc(skb.dataLen);
    if (block === 0) return -ENOMEM;
    skbCopyBits(skb, skb.headlen, block, skb.dataLen);
    this.#vector.add(block, skb.dataLen);
    const error = this.#writev();
    this.#arena.release(block);
    return error;
  }

  #writev(): number {
    const written = this.#libc.writev(this.#fd, this.#vector.address, this.#vector.count);
    return written >= 0 ? 0 : -this.#libc.errno();
  }
}
