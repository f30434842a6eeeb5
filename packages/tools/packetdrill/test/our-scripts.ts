import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../scripts');

/** Every script of this package: its name with its subject, and its text. */
export const ourScripts: readonly (readonly [name: string, text: string])[] = readdirSync(ROOT, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.pkt'))
  .toSorted()
  .map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]);
