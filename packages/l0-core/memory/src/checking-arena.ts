import { StackError } from '@stack/plugin';
import { Arena, LARGEST_BLOCK, SMALLEST_BLOCK, type Address } from './arena.ts';
import { placeText, thisPlace, type Place } from './place.ts';

/** What bytes hold that were just allocated, lie behind the requested size, or were freed. */
const FRESH = 0xcd;
const RED = 0xfd;
const FREED = 0xdd;
const RED_ZONE = 16;
/** Freed blocks rest, so that a late use is found instead of hitting the next owner. */
const QUARANTINE = 64;

interface Block {
  bytes: number;
  allocated: Place;
  freed: Place | undefined;
}

/**
 * An arena for tests: throws on use after free, double free, writes behind a block and leaks, and names the place of
 * the allocation. Otherwise it behaves as {@link Arena} does, only that it is full a little earlier.
 *
 * ```ts
 * const arena = new CheckingArena(1 << 20);
 * const block = arena.alloc(100);
 * arena.u8[block + 100] = 1;
 * arena.release(block); // throws ERR_STACK_OUT_OF_BOUNDS
 * ```
 */
export class CheckingArena extends Arena {
  #blocks = new Map<Address, Block>();
  #resting: Address[] = [];

  override alloc(bytes: number): Address {
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > LARGEST_BLOCK) {
      throw new StackError('ERR_STACK_BLOCK_SIZE', `no block has ${bytes} bytes`, `ask for 1 to ${LARGEST_BLOCK}`);
    }
    const address = this.#allocate(Math.min(bytes + RED_ZONE, LARGEST_BLOCK));
    if (address === 0) return 0;
    const before = this.#blocks.get(address);
    if (before !== undefined) this.#expectFreed(address, before);
    this.#blocks.set(address, { bytes, allocated: thisPlace(), freed: undefined });
    this.u8.fill(FRESH, address, address + bytes);
    this.u8.fill(RED, address + bytes, address + super.blockSize(address));
    return address;
  }

  override hold(address: Address): void {
    this.#expectLive(address, 'ERR_STACK_USE_AFTER_FREE', 'is held');
    super.hold(address);
  }

  override release(address: Address): void {
    this.#expectLive(address, 'ERR_STACK_DOUBLE_FREE', 'is released');
    super.release(address);
  }

  /** As the plain arena would have chosen it: the red zone does not show. */
  override blockSize(address: Address): number {
    const block = this.#blocks.get(this.blockOf(address));
    if (block === undefined || block.bytes <= SMALLEST_BLOCK) return SMALLEST_BLOCK;
    return 1 << (32 - Math.clz32(block.bytes - 1));
  }

  override blockOf(address: Address): Address {
    return address & -super.blockSize(address);
  }

  /** Looks at every block: throws if one was written to out of turn, or is still alive. */
  check(): void {
    const alive: string[] = [];
    for (const [address, block] of this.#blocks) {
      if (block.freed !== undefined) {
        this.#expectFreed(address, block);
        continue;
      }
      this.#expectRedZone(address, block);
      alive.push(
        `${block.bytes} bytes at ${address}, ${this.refs(address)} references, allocated\n    ${placeText(block.allocated)}`,
      );
    }
    if (alive.length === 0) return;
    throw new StackError(
      'ERR_STACK_LEAK',
      `${alive.length} blocks are still alive`,
      `release them\n  ${alive.slice(0, 5).join('\n  ')}`,
    );
  }

  protected override recycle(address: Address): void {
    const block = this.#blocks.get(address)!;
    this.#expectRedZone(address, block);
    block.freed = thisPlace();
    this.u8.fill(FREED, address, address + super.blockSize(address));
    this.#resting.push(address);
    if (this.#resting.length > QUARANTINE) super.recycle(this.#resting.shift()!);
  }

  #allocate(bytes: number): Address {
    const address = super.alloc(bytes);
    if (address !== 0 || this.#resting.length === 0) return address;
    for (const rested of this.#resting.splice(0)) super.recycle(rested);
    this.failures--;
    return super.alloc(bytes);
  }

  #expectLive(address: Address, code: string, what: string): void {
    const block = this.#blocks.get(address);
    if (block === undefined)
      throw new StackError(code, `${address} ${what}, which is no block`, 'give the address that alloc returned');
    if (block.freed !== undefined) throw misuse(code, `the block at ${address} ${what} after it was freed`, block);
  }

  #expectRedZone(address: Address, block: Block): void {
    const end = address + super.blockSize(address);
    const at = firstOther(this, RED, address + block.bytes, end);
    if (at < 0) return;
    const problem = `byte ${at - address} of a block of ${block.bytes} bytes at ${address} was written`;
    throw misuse('ERR_STACK_OUT_OF_BOUNDS', problem, block);
  }

  #expectFreed(address: Address, block: Block): void {
    const at = firstOther(this, FREED, address, address + super.blockSize(address));
    if (at < 0) return;
    const problem = `byte ${at - address} of the block at ${address} was written after it was freed`;
    throw misuse('ERR_STACK_USE_AFTER_FREE', problem, block);
  }
}

/** Where the first byte lies that is not `value`, or -1. `to` is a multiple of 4. */
function firstOther({ u8, i32 }: Arena, value: number, from: Address, to: Address): Address {
  let at = from;
  for (; (at & 3) !== 0 && at < to; at++) if (u8[at] !== value) return at;
  const word = Math.imul(value, 0x01010101);
  while (at < to && i32[at >>> 2] === word) at += 4;
  for (; at < to; at++) if (u8[at] !== value) return at;
  return -1;
}

function misuse(code: string, problem: string, { allocated, freed }: Block): StackError {
  const places = [`allocated\n    ${placeText(allocated)}`];
  if (freed !== undefined) places.push(`freed\n    ${placeText(freed)}`);
  return new StackError(code, problem, `see who else has its address\n  ${places.join('\n  ')}`);
}
