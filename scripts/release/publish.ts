/** Versions and publishes a copy of the repository. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { manifest, rooms, root, type Room } from '../building.ts';
import type { Registry } from './registry.ts';
import { each, run, type Trial } from './run.ts';

const published = rooms.filter((room) => manifest(room).private !== true);

/** A copy of what is under version control, with what was built. */
export async function copyRepository(trial: Trial): Promise<string> {
  const copy = `${trial.folder}/repository`;
  const files = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of files.split('\n')) {
    mkdirSync(dirname(`${copy}/${file}`), { recursive: true });
    cpSync(`${root}/${file}`, `${copy}/${file}`);
  }
  for (const { folder } of published) cpSync(`${root}/${folder}/dist`, `${copy}/${folder}/dist`, { recursive: true });
  symlinkSync(`${root}/node_modules`, `${copy}/node_modules`);
  return copy;
}

/** Turns the notes in .changeset into versions. */
export async function version(copy: string): Promise<string> {
  await run(`${root}/node_modules/.bin/changeset`, ['version'], { cwd: copy });
  const versions = published.map((room) => `${room.name} ${manifest(room, copy).version}`);
  return versions.slice(0, 4).join(', ') + ', ...';
}

/** A note that makes every package a minor version newer. */
export function noteMinor(copy: string): void {
  const lines = published.map(({ name }) => `'@stack/${name}': minor`).join('\n');
  writeFileSync(`${copy}/.changeset/next-minor.md`, `---\n${lines}\n---\n\nThe next one.\n`);
}

/** Publishes every package; returns how many. */
export async function publish(copy: string, { url, env }: Registry): Promise<string> {
  await each(published, 3, async ({ folder }) => {
    await run('npm', ['publish', '--registry', url, '--provenance=false', '--ignore-scripts'], {
      cwd: `${copy}/${folder}`,
      env,
    });
  });
  return `${published.length} packages`;
}

/** What users of a package would trip over: its types and its ways in, as it is packed. */
export async function inspect(copy: string): Promise<string> {
  const bin = `${root}/node_modules/.bin`;
  const problems: string[] = [];
  await each(published, 2, async (room: Room) => {
    const cwd = `${copy}/${room.folder}`;
    const checks: [string, string[]][] = [
      ['publint', ['--strict', '--pack', 'npm']],
      ['attw', ['--pack', '.', '--profile', 'esm-only', '--no-emoji', '--no-color']],
    ];
    for (const [program, args] of checks) {
      await run(`${bin}/${program}`, args, { cwd }).catch((error: Error) => problems.push(error.message));
    }
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return `${published.length} packages`;
}

export function versionOf(copy: string, name: string): string {
  const room = rooms.find((candidate) => candidate.name === name)!;
  return (JSON.parse(readFileSync(`${copy}/${room.folder}/package.json`, 'utf8')) as { version: string }).version;
}
