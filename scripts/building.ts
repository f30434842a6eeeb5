/** The packages from the ground up. `building.json` is the one list that every check and script reads. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import floors from './building.json' with { type: 'json' };

export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  [field: string]: unknown;
}

export interface Room {
  /** For example `l2-link`. */
  floor: string;
  /** For example `qdisc`. */
  name: string;
  /** For example `packages/l2-link/qdisc`, relative to the root. */
  folder: string;
}

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Lowest first: a room may import from those before it. */
export const rooms: readonly Room[] = Object.entries(floors).flatMap(([floor, names]) =>
  names.map((name) => ({ floor, name, folder: `packages/${floor}/${name}` })),
);

export function manifest(room: Room, base = root): Manifest {
  return JSON.parse(readFileSync(`${base}/${room.folder}/package.json`, 'utf8')) as Manifest;
}

/** What the sources of a package may import, and in which versions. */
export function declared(found: Manifest): Record<string, string> {
  return { ...found.dependencies, ...found.peerDependencies };
}

/** The same for its tests. @stack/testing is theirs without being declared: it stands on the packages that it tests. */
export function declaredForTests(found: Manifest): Record<string, string> {
  return { ...declared(found), ...found.devDependencies };
}
