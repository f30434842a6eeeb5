/** The part of WebAssembly that we use, declared here because the core is compiled without Node's or the DOM's types. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** Compiled code. */
export type WasmModule = object & { readonly compiled?: never };

interface WebAssemblyGlobal {
  Memory: new (descriptor: { initial: number; maximum: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => WasmModule;
  Instance: new (module: WasmModule, imports: object) => { exports: Record<string, unknown> };
  validate(bytes: Uint8Array): boolean;
}

export const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: WebAssemblyGlobal };
