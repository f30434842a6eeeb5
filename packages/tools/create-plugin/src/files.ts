import { bareName, type Choice } from './choice.ts';
import { kinds } from './kinds/index.ts';
import { ciYaml, gitignore, license, readme, tsconfig } from './surroundings.ts';
import { render } from './render.ts';

/** Plugins and what they plug into change apart: every version before 1 that has what the plugin uses will do. */
const PEERS = '>=0.1.0 <1.0.0';

/** The files of a plugin, by path. */
export function files(choice: Choice): Record<string, string> {
  const kind = kinds.find((candidate) => candidate.kind === choice.kind)!;
  const { language } = choice;
  const name = bareName(choice.name);
  const common = {
    'package.json': `${JSON.stringify(packageJson(choice), null, 2)}\n`,
    'README.md': readme(choice, kind, render(kind.example, name, language)),
    LICENSE: license(),
    '.gitignore': gitignore(),
    '.changeset/config.json': `${JSON.stringify(CHANGESETS, null, 2)}\n`,
    '.changeset/first-release.md': `---\n'${choice.name}': minor\n---\n\nThe first release.\n`,
    '.github/workflows/ci.yml': ciYaml(),
    [`src/index.${language}`]: render(kind.source, name, language),
    [`test/${name}.test.${language}`]: render(kind.test, name, language),
  };
  return language === 'ts'
    ? { ...common, 'tsconfig.json': tsconfig(false), 'tsconfig.build.json': tsconfig(true) }
    : common;
}

const CHANGESETS = {
  $schema: 'https://unpkg.com/@changesets/config@3/schema.json',
  changelog: '@changesets/cli/changelog',
  commit: false,
  access: 'public',
  baseBranch: 'main',
};

function packageJson({ name, kind: kindName, language }: Choice): object {
  const kind = kinds.find((candidate) => candidate.kind === kindName)!;
  const typescript = language === 'ts';
  const stack = (names: readonly string[]) =>
    Object.fromEntries(names.toSorted().map((one) => [`@stack/${one}`, PEERS]));
  return {
    name,
    version: '0.0.0',
    description: kind.title.replace(/:.*/, '').replace(/^./, (letter) => letter.toUpperCase()) + ' for @stack',
    keywords: ['stack-plugin', 'network', kind.kind],
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    exports: typescript
      ? { '.': { types: './dist/index.d.ts', default: './dist/index.js' } }
      : { '.': { default: './src/index.js' } },
    files: typescript ? ['dist', 'src'] : ['src'],
    engines: { node: '^20.19.0 || >=22.12.0' },
    scripts: {
      ...(typescript
        ? { build: 'tsc -p tsconfig.build.json', check: 'tsc -p tsconfig.json', prepack: 'npm run build' }
        : {}),
      test: 'vitest run',
      change: 'changeset',
      release: 'changeset version && npm install && changeset publish',
    },
    peerDependencies: stack(kind.needs),
    devDependencies: {
      '@changesets/cli': '^2.31.1',
      ...stack([...kind.testNeeds, 'testing']),
      ...(typescript ? { '@types/node': '^20.19.0', typescript: '>=6.0.0' } : {}),
      vitest: '^4.1.12',
    },
  };
}
