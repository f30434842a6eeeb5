import { javascriptKernels, type Kernels } from '@stack/memory';
import { StackError } from '@stack/plugin';

/** Memory as a bus master sees it: an arena, or any bytes. */
export interface DmaMemory {
  readonly u8: Uint8Array;
  readonly view: DataView;
  readonly kernels: Kernels;
}

/**
 * Bytes that are no arena, for example the memory of an emulated PC. DMA address 0 is their first byte. They must stay
 * where they are: WebAssembly memory that grows needs a new one. Throws `ERR_STACK_DMA_MEMORY` when the buffer around
 * them is no whole number of words.
 */
export function dmaMemory(u8: Uint8Array<ArrayBuffer>): DmaMemory {
  const { buffer, byteOffset, byteLength } = u8;
  if (buffer.byteLength % 4 !== 0) {
    throw new StackError(
      'ERR_STACK_DMA_MEMORY',
      `a buffer of ${buffer.byteLength} bytes cannot be memory`,
      'give a multiple of 4 bytes',
    );
  }
  const kernels = javascriptKernels({ buffer });
  return {
    u8,
    view: new DataView(buffer, byteOffset, byteLength),
    kernels: {
      name: kernels.name,
      checksum: (address, length, sum) => kernels.checksum(byteOffset + address, length, sum),
      copyAndChecksum: (to, from, length, sum) =>
        kernels.copyAndChecksum(byteOffset + to, byteOffset + from, length, sum),
    },
  };
}
