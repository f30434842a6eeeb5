/**
 * The packet memory of a machine: one arena, blocks counted by reference, integer addresses, checksum kernels.
 *
 * ```ts
 * const arena = new Arena(16 * 1024 * 1024);
 * const block = arena.alloc(1514);
 * arena.view.setUint16(block + 12, 0x0800);
 * const sum = csumFold(arena.checksum(block, 14, 0));
 * arena.release(block);
 * ```
 *
 * @packageDocumentation
 */
export { Arena, LARGEST_BLOCK, Memory, SMALLEST_BLOCK, type Address } from './arena.ts';
export { CheckingArena } from './checking-arena.ts';
export { csumAdd, csumBlockAdd, csumFold, csumPseudo, csumSub } from './checksum.ts';
export { javascriptKernels, type Kernels } from './kernels.ts';
export { placeText, thisPlace, type Place } from './place.ts';
export { wasmKernels } from './wasm-kernels.ts';
export type { WasmMemory, WasmModule } from './webassembly.ts';
