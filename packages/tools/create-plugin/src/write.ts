import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Choice } from './choice.ts';
import { files } from './files.ts';

/** Writes the plugin. Throws an Error when the folder holds something already. Returns the paths. */
export function createPlugin(choice: Choice): string[] {
  const { folder } = choice;
  if (existsSync(folder) && readdirSync(folder).some((name) => name !== '.git')) {
    throw new Error(`${folder} is not empty`);
  }
  const written = Object.entries(files(choice));
  for (const [path, text] of written) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return written.map(([path]) => path);
}
