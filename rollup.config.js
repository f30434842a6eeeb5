import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { dts } from 'rollup-plugin-dts';

/*
 * Bundles one package, the one in the current folder: `lerna run build` calls it in each. The compiler has written
 * its modules and declarations to build/ beforehand, so that nothing is compiled here.
 */
const root = import.meta.dirname;
const here = process.cwd();
const compiled = resolve(root, 'build', relative(resolve(root, 'packages'), here), 'src');
const { dependencies = {} } = JSON.parse(readFileSync(resolve(here, 'package.json'), 'utf8'));

const external = (id) =>
  id.startsWith('node:') || Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`));

/** Hands on the compiler's source maps, or the bundle's maps would end at build/ instead of at the sources. */
const sourceMaps = {
  name: 'source-maps',
  async load(id) {
    if (!id.endsWith('.js')) return null;
    return { code: await readFile(id, 'utf8'), map: JSON.parse(await readFile(`${id}.map`, 'utf8')) };
  },
};

/** The package's face and, in the tools, its program. */
const entries = ['index', 'main'].filter((name) => existsSync(`${compiled}/${name}.js`));
const entry = (name, ending) => [name, `${compiled}/${name}${ending}`];

/** A warning is a mistake: an import that is not declared, or one that leads nowhere. A package of types alone is none. */
const onLog = (level, log, handler) => {
  if (log.code !== 'EMPTY_BUNDLE') handler(level === 'warn' ? 'error' : level, log);
};

export default [
  {
    input: Object.fromEntries(entries.map((name) => entry(name, '.js'))),
    external,
    plugins: [sourceMaps],
    onLog,
    output: { dir: 'dist', chunkFileNames: 'shared.js', format: 'es', sourcemap: true },
  },
  {
    input: Object.fromEntries([entry('index', '.d.ts')]),
    external,
    plugins: [dts({ tsconfig: resolve(root, 'tsconfig.base.json') })],
    onLog,
    output: { dir: 'dist', format: 'es' },
  },
];
