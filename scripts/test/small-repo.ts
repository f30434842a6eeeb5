/** A small repository of the same layout in a temporary folder, for showing that a check catches what it should. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { rooms } from '../building.ts';

export type Files = Record<string, string>;

function write(base: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
}

function npmPackage(base: string, name: string): void {
  const manifest = JSON.stringify({ name, version: '1.0.0', main: 'index.js' });
  write(join(base, 'node_modules', name), { 'package.json': manifest, 'index.js': 'export const x = 1;' });
}

/** @param dependencies - for each room of the repository, what its package.json declares. */
export function smallRepo(dependencies: Record<string, string[]>, files: Files): string {
  const base = mkdtempSync(join(tmpdir(), 'small-repo-'));
  onTestFinished(() => rmSync(base, { recursive: true }));
  write(base, { 'package.json': JSON.stringify({ name: 'small', private: true, workspaces: ['packages/*/*'] }) });
  mkdirSync(join(base, 'node_modules/@stack'), { recursive: true });
  for (const library of ['tsyringe', 'reflect-metadata', 'koffi']) npmPackage(base, library);
  for (const room of rooms.filter(({ name }) => name in dependencies)) {
    const declared = Object.fromEntries(dependencies[room.name]!.map((name) => [name, '*']));
    const exports = { '.': { '@stack/source': './src/index.ts' } };
    const manifest = { name: `@stack/${room.name}`, version: '0.1.0', type: 'module', exports, dependencies: declared };
    write(join(base, room.folder), {
      'package.json': JSON.stringify(manifest),
      'src/index.ts': 'export const x = 1;\n',
      'src/deep.ts': 'export const deep = 1;\n',
    });
    symlinkSync(join(base, room.folder), join(base, 'node_modules/@stack', room.name));
  }
  write(base, files);
  return base;
}
