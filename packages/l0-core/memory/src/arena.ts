import { StackError, token } from '@stack/plugin';
import type { Kernels } from './kernels.ts';
import { wasmKernels } from './wasm-kernels.ts';
import { wasm, type WasmMemory } from './webassembly.ts';

/** A byte offset into the arena: what a physical or DMA address is elsewhere. 0 is no address. */
export type Address = number;

/** Block sizes are powers of two from 256 bytes to 64 KB. */
export const SMALLEST_BLOCK = 256;
export const LARGEST_BLOCK = 65_536;
const SMALLEST_SHIFT = 8;
const CHUNK_SHIFT = 16;
const CLASSES = 9;

/**
 * The packet memory of a machine: one buffer of fixed size, divided into blocks that are counted by reference.
 * All hosts and chips of a machine share it, so that a frame crosses a cable in one copy.
 *
 * Memory is taken in chunks of 64 KB; a chunk serves blocks of one size from then on. When the arena is full,
 * {@link alloc} returns 0 and the caller drops its packet, as in the kernel.
 */
export class Arena {
  readonly size: number;
  readonly memory: WasmMemory;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  /** For network byte order at any alignment. */
  readonly view: DataView;
  readonly kernels: Kernels;
  /** Blocks that are alive. */
  live = 0;
  /** Allocations that failed since the beginning. */
  failures = 0;
  #free: Address[][] = [];
  #nextChunk = 1 << CHUNK_SHIFT; // chunk 0 is never handed out, so that 0 is no address
  #chunkClass: Uint8Array;
  #refs: Uint16Array;

  /** `size` in bytes, a multiple of 64 KB, at most 1 GB. The operating system commits pages only when touched. */
  constructor(size: number, makeKernels: (memory: WasmMemory) => Kernels = wasmKernels) {
    if (!Number.isInteger(size) || size % LARGEST_BLOCK !== 0 || size < 2 * LARGEST_BLOCK || size > 2 ** 30) {
      throw new StackError(
        'ERR_STACK_ARENA_SIZE',
        `an arena cannot have ${size} bytes`,
        'give a multiple of 65536 from 131072 to 2^30',
      );
    }
    const pages = size / 65_536;
    this.size = size;
    this.memory = new wasm.Memory({ initial: pages, maximum: pages });
    this.u8 = new Uint8Array(this.memory.buffer);
    this.i32 = new Int32Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    this.kernels = makeKernels(this.memory);
    this.#chunkClass = new Uint8Array(pages);
    this.#refs = new Uint16Array(size >>> SMALLEST_SHIFT);
    for (let i = 0; i < CLASSES; i++) this.#free.push([]);
  }

  /** A block of at least `bytes` (1 to 65,536) with one reference, its content undefined; 0 when the arena is full. */
  alloc(bytes: number): Address {
    const index = bytes <= SMALLEST_BLOCK ? 0 : 32 - Math.clz32(bytes - 1) - SMALLEST_SHIFT;
    const free = this.#free[index];
    if (free.length === 0 && !this.#carve(index)) {
      this.failures++;
      return 0;
    }
    const address = free.pop()!;
    this.#refs[address >>> SMALLEST_SHIFT] = 1;
    this.live++;
    return address;
  }

  /** One more reference to the block that begins at `address`. */
  hold(address: Address): void {
    this.#refs[address >>> SMALLEST_SHIFT]++;
  }

  /** One reference less; the last one frees the block. */
  release(address: Address): void {
    if (--this.#refs[address >>> SMALLEST_SHIFT] !== 0) return;
    this.live--;
    this.recycle(address);
  }

  /** Makes a block that nobody refers to available again. */
  protected recycle(address: Address): void {
    this.#free[this.#chunkClass[address >>> CHUNK_SHIFT]].push(address);
  }

  refs(address: Address): number {
    return this.#refs[address >>> SMALLEST_SHIFT];
  }

  /** Size of the block in which `address` lies. */
  blockSize(address: Address): number {
    return SMALLEST_BLOCK << this.#chunkClass[address >>> CHUNK_SHIFT];
  }

  /** Beginning of the block in which `address` lies. */
  blockOf(address: Address): Address {
    return address & -this.blockSize(address);
  }

  /** Bytes not yet taken by any block size. */
  get untouched(): number {
    return this.size - this.#nextChunk;
  }

  copy(to: Address, from: Address, length: number): void {
    this.u8.copyWithin(to, from, from + length);
  }

  /** Partial Internet checksum: see {@link Kernels.checksum}. */
  checksum(address: Address, length: number, sum: number): number {
    return this.kernels.checksum(address, length, sum);
  }

  #carve(index: number): boolean {
    if (this.#nextChunk >= this.size) return false;
    const chunk = this.#nextChunk;
    this.#nextChunk += LARGEST_BLOCK;
    this.#chunkClass[chunk >>> CHUNK_SHIFT] = index;
    const step = SMALLEST_BLOCK << index;
    const free = this.#free[index];
    for (let at = chunk + LARGEST_BLOCK - step; at >= chunk; at -= step) free.push(at);
    return true;
  }
}

export const Memory = token<Arena>('Memory', 'give the host a machine memory: createArena()');
