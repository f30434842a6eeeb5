import { KERNELS } from './kernels-wasm.ts';
import { javascriptKernels, type Kernels } from './kernels.ts';
import { wasm, type WasmMemory, type WasmModule } from './webassembly.ts';

/** Compiles code given in hexadecimal; null if the engine does not know its instructions. */
export function compile(hex: string): WasmModule | null {
  const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  return wasm.validate(bytes) ? new wasm.Module(bytes) : null;
}

const compiled = /* @__PURE__ */ compile(KERNELS);

/** Kernels in machine code over `memory`, or those in JavaScript where the engine has no SIMD. */
export function wasmKernels(memory: WasmMemory, module: WasmModule | null = compiled): Kernels {
  if (module === null) return javascriptKernels(memory);
  const { exports } = new wasm.Instance(module, { arena: { memory } });
  const { checksum, copyAndChecksum } = exports as unknown as Kernels;
  return { name: 'wasm-simd', checksum, copyAndChecksum };
}
