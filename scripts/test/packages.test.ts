import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { declared, manifest, rooms, root } from '../building.ts';
import { checkPackages } from '../package-rules.ts';
import { smallRepo } from './small-repo.ts';

const [plugin, clock] = rooms.filter(({ name }) => name === 'plugin' || name === 'clock');
const folder = clock!.folder;
const README = '# @stack/clock\n\n## What\n\n## Example\n\n## Left out\n';

/** Two packages of the layout that the rules ask for. */
function goodRepo(): string {
  const base = smallRepo({ plugin: [], clock: [] }, {});
  writeFileSync(`${base}/package-lock.json`, readFileSync(`${root}/package-lock.json`));
  for (const room of [plugin!, clock!]) {
    writeFileSync(`${base}/${room.folder}/package.json`, readFileSync(`${root}/${room.folder}/package.json`));
    writeFileSync(`${base}/${room.folder}/README.md`, README);
    writeFileSync(`${base}/${room.folder}/tsconfig.json`, '{}');
    const used = Object.keys(declared(manifest(room, base))).map((name) => `import '${name}';\n`);
    writeFileSync(`${base}/${room.folder}/src/index.ts`, used.join(''));
    smallFile(base, `${room.folder}/test/tsconfig.json`, '{}');
    smallFile(base, `${room.folder}/test/a.test.ts`, '');
  }
  return base;
}

function smallFile(base: string, path: string, text: string): void {
  mkdirSync(dirname(`${base}/${path}`), { recursive: true });
  writeFileSync(`${base}/${path}`, text);
}

/** A lock that agrees with the manifests. */
const lockOf = (base: string) =>
  Object.fromEntries([plugin!, clock!].map((room) => [room.folder, manifest(room, base)]));

const check = (base: string) => checkPackages(base, [plugin!, clock!]);

function changeManifest(base: string, change: Record<string, unknown>): void {
  const changed = { ...manifest(clock!, base), ...change };
  writeFileSync(`${base}/${folder}/package.json`, JSON.stringify(changed));
}

describe('the rules for packages', () => {
  test('a package of the common shape passes', () => {
    expect(check(goodRepo())).toEqual([]);
  });

  test('a missing file', () => {
    const base = goodRepo();
    rmSync(`${base}/${folder}/README.md`);
    expect(check(base)).toEqual([`${folder}/README.md: missing`]);
  });

  test('a package without tests', () => {
    const base = goodRepo();
    rmSync(`${base}/${folder}/test/a.test.ts`);
    expect(check(base)).toEqual([`${folder}/test: no test`]);
  });

  test('a README without its headings', () => {
    const base = goodRepo();
    writeFileSync(`${base}/${folder}/README.md`, README.replace('## Left out', ''));
    expect(check(base)).toEqual([expect.stringContaining('README.md: no heading')]);
  });

  test('an index that fills more than a screen, and a file that wants a wall', () => {
    const base = goodRepo();
    writeFileSync(`${base}/${folder}/src/index.ts`, '\n'.repeat(71));
    writeFileSync(`${base}/${folder}/src/long.ts`, '\n'.repeat(501));
    expect(check(base)).toEqual(
      expect.arrayContaining([
        `${folder}/src/index.ts: 71 lines, 70 at most`,
        `${folder}/src/long.ts: 501 lines, 500 at most`,
      ]),
    );
  });

  test.each([
    { license: 'ISC' },
    { name: '@stack/time' },
    { exports: './src/index.ts' },
    { files: ['dist'] },
    { engines: { node: '*' } },
    { repository: {} },
    { description: '' },
    { type: 'commonjs' },
  ])('a manifest with %o', (change) => {
    const base = goodRepo();
    changeManifest(base, change);
    expect(check(base)).toHaveLength(1);
  });

  test('a range that is not the version in the repository, and a lock that does not know it', () => {
    const base = goodRepo();
    changeManifest(base, { dependencies: { '@stack/plugin': '^0.0.9' } });
    expect(check(base)).toEqual([
      `package-lock.json: npm run lock, for ${folder} has changed`,
      `${folder}/package.json: the range of @stack/plugin is not as in the other packages`,
    ]);
  });

  test('dependencies that nothing imports, and tests that import what is not declared', () => {
    const base = goodRepo();
    const found = manifest(clock!, base);
    changeManifest(base, { devDependencies: { koffi: '^3.0.0' } });
    smallFile(base, 'package-lock.json', JSON.stringify({ packages: lockOf(base) }));
    smallFile(base, `${folder}/src/index.ts`, "/**\n * import { x } from '@stack/plugin';\n */\n");
    smallFile(base, `${folder}/test/a.test.ts`, "import { x } from '@stack/skb';\nimport '@stack/testing';\n");
    expect(Object.keys(found.dependencies!)).toEqual(['@stack/plugin']);
    expect(check(base)).toEqual([
      `${folder}/package.json: @stack/plugin is not imported`,
      `${folder}/package.json: koffi is not imported`,
      `${folder}/package.json: @stack/skb is imported by a test and not declared`,
    ]);
  });

  test('a package that is on no floor', () => {
    const base = goodRepo();
    smallFile(base, 'packages/l2-link/token-ring/package.json', '{}');
    expect(check(base)).toEqual(['packages/l2-link/token-ring: not in scripts/building.json']);
  });

  test('the building itself keeps to them', () => {
    expect(checkPackages(root)).toEqual([]);
  });
});
