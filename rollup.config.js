import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { dts } from 'rollup-plugin-dts';

/*
 * Bundles every package to its dist/. The compiler has written modules and declarations to build/ beforehand, so that
 * nothing is compiled here; one process for all of them loads the declarations' compiler once.
 */
const root = import.meta.dirname;
const readJson = (path) => JSON.parse(readFileSync(resolve(root, path), 'utf8'));
const floors = Object.entries(readJson('scripts/building.json'));
const rooms = floors.flatMap(([floor, names]) => names.map((name) => `${floor}/${name}`));

/** Hands on the compiler's source maps, or the bundle's maps would end at build/ instead of at the sources. */
const sourceMaps = {
  name: 'source-maps',
  async load(id) {
    if (!id.endsWith('.js')) return null;
    return { code: await readFile(id, 'utf8'), map: JSON.parse(await readFile(`${id}.map`, 'utf8')) };
  },
};

/** A token that nobody uses is of no effect: without it, a bundler leaves out the container that it would be looked up in. */
const pureTokens = {
  name: 'pure-tokens',
  renderChunk: (code) => ({ code: code.replaceAll('= token(', '= /* @__PURE__ */ token('), map: null }),
};

/** A warning is a mistake: an import that is not declared, or that leads nowhere. A package of types alone is none. */
const onLog = (level, log, handler) => {
  if (log.code !== 'EMPTY_BUNDLE') handler(level === 'warn' ? 'error' : level, log);
};

function bundle(room) {
  const compiled = resolve(root, 'build', room, 'src');
  const { dependencies, peerDependencies } = readJson(`packages/${room}/package.json`);
  const declared = Object.keys({ ...dependencies, ...peerDependencies });
  const external = (id) => id.startsWith('node:') || declared.some((name) => id === name || id.startsWith(`${name}/`));
  const dir = resolve(root, 'packages', room, 'dist');
  const common = { external, onLog };

  /* The package's face and, in the tools, its program. */
  const entries = ['index', 'main'].filter((name) => existsSync(`${compiled}/${name}.js`));
  const input = Object.fromEntries(entries.map((name) => [name, `${compiled}/${name}.js`]));
  const output = { dir, chunkFileNames: 'shared.js', format: 'es', sourcemap: true };
  const types = dts({ tsconfig: resolve(root, 'tsconfig.base.json') });
  return [
    { ...common, input, plugins: [sourceMaps, pureTokens], output },
    { ...common, input: { index: `${compiled}/index.d.ts` }, plugins: [types], output: { dir, format: 'es' } },
  ];
}

export default rooms.flatMap(bundle);
