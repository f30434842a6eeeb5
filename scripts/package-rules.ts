/** What every package looks like: its manifest, its README, the size of its files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { declared, declaredForTests, manifest, rooms, type Manifest, type Room } from './building.ts';

const INDEX_LINES = 70;
const FILE_LINES = 500;
const HEADINGS = [/^## What(?! is left out)/m, /^## Example/m, /^## (Left out|What is left out)/m];
const EXPORTS = {
  '.': { '@stack/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
  './package.json': './package.json',
};
const FILES = ['package.json', 'README.md', 'tsconfig.json', 'src/index.ts', 'test/tsconfig.json'];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const lines = (text: string): number => text.split('\n').length - 1;

function checkManifest(room: Room, found: Manifest, base: string): string[] {
  const problems: string[] = [];
  const expect = (field: string, good: boolean) => {
    if (!good) problems.push(`package.json: ${field} is not as in the other packages`);
  };
  expect('name', found.name === `@stack/${room.name}`);
  expect('license', found.license === 'MIT');
  expect('type', found.type === 'module');
  expect('exports', same(found.exports, EXPORTS));
  expect('files', same(found.files, ['dist', 'src']));
  expect('engines', same(found.engines, { node: '^20.19.0 || >=22.12.0' }));
  expect('repository.directory', (found.repository as { directory?: string } | undefined)?.directory === room.folder);
  expect('description', typeof found.description === 'string' && found.description.length > 0);
  if (found.private === true) return problems;
  for (const [name, range] of Object.entries(declaredForTests(found))) {
    const other = rooms.find((candidate) => `@stack/${candidate.name}` === name);
    if (other) expect(`the range of ${name}`, range === `^${manifest(other, base).version}`);
  }
  return problems;
}

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

const COMMENT = /^ *\/?\*.*$/gm;
const IMPORT = /\b(?:from|import|require)\b *\(?'((?:@[\w-]+\/)?[\w-]+)'/g;

/** The packages that the files of a folder import. */
function importedIn(folder: string): Set<string> {
  const texts = sourcesIn(folder).map((path) => readFileSync(`${folder}/${path}`, 'utf8').replace(COMMENT, ''));
  return new Set(texts.flatMap((text) => [...text.matchAll(IMPORT)].map(([, name]) => name!)));
}

/** That nothing undeclared is imported is for the layering rules; this is the reverse, and the tests. */
function checkDependencies(room: Room, found: Manifest, folder: string): string[] {
  const sources = importedIn(`${folder}/src`);
  const tests = importedIn(`${folder}/test`);
  const unused = [
    ...Object.keys(declared(found)).filter((name) => !sources.has(name)),
    ...Object.keys(found.devDependencies ?? {}).filter((name) => !tests.has(name)),
  ];
  const ofTests = Object.keys(declaredForTests(found)).concat(`@stack/${room.name}`, '@stack/testing');
  const undeclared = [...tests].filter((name) => name.startsWith('@stack/') && !ofTests.includes(name));
  return [
    ...unused.map((name) => `package.json: ${name} is not imported`),
    ...undeclared.map((name) => `package.json: ${name} is imported by a test and not declared`),
  ];
}

function checkSources(folder: string): string[] {
  return sourcesIn(folder).flatMap((path) => {
    const length = lines(readFileSync(`${folder}/${path}`, 'utf8'));
    const most = path === 'index.ts' ? INDEX_LINES : FILE_LINES;
    return length > most ? [`src/${path}: ${length} lines, ${most} at most`] : [];
  });
}

function checkTests(folder: string): string[] {
  const tests = sourcesIn(folder).filter((path) => path.endsWith('.test.ts'));
  return tests.length === 0 ? ['test: no test'] : [];
}

function checkReadme(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const missing = HEADINGS.filter((heading) => !heading.test(text)).map(({ source }) => source);
  return missing.length > 0 ? [`README.md: no heading ${missing.join(', ')}`] : [];
}

function checkRoom(room: Room, base: string): string[] {
  const folder = `${base}/${room.folder}`;
  const absent = FILES.filter((file) => !existsSync(`${folder}/${file}`));
  if (absent.length > 0) return absent.map((file) => `${file}: missing`);
  return [
    ...checkManifest(room, manifest(room, base), base),
    ...checkDependencies(room, manifest(room, base), folder),
    ...checkReadme(`${folder}/README.md`),
    ...checkSources(`${folder}/src`),
    ...checkTests(`${folder}/test`),
  ];
}

/** `npm ci` refuses a lock that does not have the dependencies of the manifests. */
function checkLock(base: string, among: readonly Room[]): string[] {
  const lock = JSON.parse(readFileSync(`${base}/package-lock.json`, 'utf8')) as { packages: Record<string, Manifest> };
  const asked = (found?: Manifest) => (found ? Object.entries(declaredForTests(found)).toSorted() : []);
  const stale = among.filter((room) => !same(asked(lock.packages[room.folder]), asked(manifest(room, base))));
  return stale.map(({ folder }) => `package-lock.json: npm run lock, for ${folder} has changed`);
}

/** @returns one line for each thing that is not as it should be. */
export function checkPackages(base: string, among: readonly Room[] = rooms): string[] {
  const known = new Set(rooms.map(({ folder }) => folder));
  const floors = readdirSync(`${base}/packages`).flatMap((floor) =>
    readdirSync(`${base}/packages/${floor}`).map((name) => `packages/${floor}/${name}`),
  );
  const strangers = floors.filter((folder) => !known.has(folder) && existsSync(`${base}/${folder}/package.json`));
  return [
    ...strangers.map((folder) => `${folder}: not in scripts/building.json`),
    ...checkLock(base, among),
    ...among.flatMap((room) => checkRoom(room, base).map((problem) => `${room.folder}/${problem}`)),
  ];
}
