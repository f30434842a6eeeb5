/**
 * Builds every package: one run of the compiler from the sources to build/, then one of rollup, which bundles each
 * package to its dist/. Does nothing when the sources are those of the last build.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { rooms, root } from './building.ts';

const STAMP = `${root}/build/.built`;
const CONFIGURATION = [
  'package-lock.json',
  'rollup.config.js',
  'scripts/building.json',
  'tsconfig.base.json',
  'tsconfig.build.json',
];

/** What the outcome of a build depends on, as one number. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const add = (path: string) =>
    hash
      .update(`${path}\0`)
      .update(readFileSync(`${root}/${path}`))
      .update('\0');
  CONFIGURATION.forEach(add);
  for (const { folder } of rooms) {
    add(`${folder}/package.json`);
    const sources = readdirSync(`${root}/${folder}/src`, { recursive: true, withFileTypes: true });
    const files = sources.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
    for (const file of files.toSorted()) add(file.slice(root.length + 1));
  }
  return hash.digest('hex');
}

function run(command: string, ...args: string[]): void {
  execFileSync(`${root}/node_modules/.bin/${command}`, args, { cwd: root, stdio: ['ignore', 2, 2] });
}

/** @returns whether there was anything to do. Throws when a step fails. */
export function build(): boolean {
  const sources = fingerprint();
  const complete = rooms.every(({ folder }) => existsSync(`${root}/${folder}/dist/index.js`));
  if (complete && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources) return false;
  run('tsc', '-p', 'tsconfig.build.json');
  run('rollup', '--config', '--silent');
  mkdirSync(`${root}/build`, { recursive: true });
  writeFileSync(STAMP, sources);
  return true;
}

/** {@link build}, and the end of the process where it fails: the compiler has said why. */
export function buildOrExit(): boolean {
  try {
    return build();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  console.error(buildOrExit() ? 'built' : 'the build is up to date');
}
