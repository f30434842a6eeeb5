/** Writes src/kernels-wasm.ts from kernels.wat: `tsx packages/l0-core/memory/wasm/assemble.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import wabt from 'wabt';

/** The source text of src/kernels-wasm.ts, as kernels.wat would have it. */
export async function assemble(): Promise<string> {
  const { parseWat } = await wabt();
  const file = new URL('kernels.wat', import.meta.url);
  const { buffer } = parseWat('kernels.wat', readFileSync(file, 'utf8'), { simd: true }).toBinary({});
  const lines = [...buffer]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .match(/.{1,112}/g)!;
  return [
    '/** The kernels in machine-independent code, assembled from wasm/kernels.wat, in hexadecimal. */',
    'export const KERNELS =',
    ...lines.map((line, i) => `  '${line}'${i < lines.length - 1 ? ' +' : ';'}`),
    '',
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(new URL('../src/kernels-wasm.ts', import.meta.url), await assemble());
}
