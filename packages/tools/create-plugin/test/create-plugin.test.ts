import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlugin, files, kinds, readArguments, wrongName, type Choice } from '../src/index.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');
mkdirSync(`${root}/build`, { recursive: true });
/** Inside of the repository, so that the packages are found. */
const folder = mkdtempSync(`${root}/build/create-plugin-`);
afterAll(() => rmSync(folder, { recursive: true }));

const choices: Choice[] = kinds.flatMap(({ kind }) =>
  (['ts', 'js'] as const).map((language) => {
    const name = `my-${kind}`.slice(0, 12);
    return { name, kind, language, folder: `${folder}/${kind}-${language}` };
  }),
);

describe('what is written', () => {
  let report: {
    success: boolean;
    numTotalTests: number;
    testResults: { name: string; status: string; message: string }[];
  };

  beforeAll(() => {
    for (const choice of choices) createPlugin(choice);
    writeFileSync(
      `${folder}/vitest.config.js`,
      `export default {
        resolve: { conditions: ['@stack/source', 'module', 'browser', 'development|production'] },
        ssr: { resolve: { conditions: ['@stack/source', 'module', 'node', 'development|production'] } },
        test: { testTimeout: 30000 },
      };`,
    );
    const args = ['vitest', 'run', '--root', folder, '--reporter=json', `--outputFile=${folder}/report.json`];
    spawnSync('npx', args, { cwd: root, encoding: 'utf8' });
    report = JSON.parse(readFileSync(`${folder}/report.json`, 'utf8')) as typeof report;
  }, 180_000);

  test.each(choices)('passes its own tests: $kind in $language', ({ folder: own, kind, language, name }) => {
    const result = report.testResults.find(({ name: file }) => file.startsWith(`${own}/`));
    expect(result, `no test of ${kind} in ${language} was run`).toBeDefined();
    expect(result!.message).toBe('');
    expect(result!.status).toBe('passed');
    expect(result!.name).toBe(`${own}/test/${name}.test.${language}`);
  });

  test('has types that hold', () => {
    const config = {
      extends: '../../tsconfig.base.json',
      compilerOptions: { types: ['node'], noUnusedLocals: true, allowImportingTsExtensions: false },
      include: ['*-ts/src', '*-ts/test'],
    };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
    const { stdout, status } = spawnSync('npx', ['tsc', '-p', folder], { cwd: root, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  test.each(choices.filter(({ language }) => language === 'js'))('has no types in JavaScript: $kind', (choice) => {
    const written = files(choice);
    const source = written['src/index.js']! + written[`test/${choice.name}.test.js`]!;
    expect(source).not.toMatch(/\/\*(type|:|!)|import type|interface /);
  });

  test.each(choices)('has all that a package needs: $kind in $language', (choice) => {
    const written = files(choice);
    expect(Object.keys(written)).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        '.changeset/config.json',
        '.github/workflows/ci.yml',
      ]),
    );
    const manifest = JSON.parse(written['package.json']!) as Record<string, Record<string, string>>;
    const text = Object.entries(written)
      .filter(([path]) => /^(src|test)\//.test(path))
      .map(([, content]) => content)
      .join('\n');
    const imported = new Set([...text.matchAll(/from '(@stack\/[a-z-]+)'/g)].map(([, name]) => name!));
    const declared = { ...manifest.peerDependencies, ...manifest.devDependencies };
    for (const name of imported) expect(declared, `${name} is imported`).toHaveProperty([name]);
    expect(text).not.toMatch(/NAME|CAMEL|PASCAL/);
  });
});

test('a folder that is not empty is left alone', () => {
  const choice: Choice = { name: 'mine', kind: 'hook', language: 'js', folder: `${folder}/taken` };
  createPlugin(choice);
  expect(() => createPlugin(choice)).toThrow('is not empty');
});

test('the command line is read, and what makes no sense refused', () => {
  expect(readArguments(['here', '--kind', 'qdisc', '--js', '--yes'])).toEqual({
    folder: 'here',
    kind: 'qdisc',
    language: 'js',
    yes: true,
  });
  expect(() => readArguments(['--kind', 'firewall'])).toThrow('unknown kind firewall: one of hook, queue, qdisc');
  expect(() => readArguments(['--colour'])).toThrow('unknown option --colour');
  expect(() => readArguments(['--name', 'No Telnet'])).toThrow('is no name');
});

test.each([
  ['no-telnet', null],
  ['@me/no-telnet', null],
  ['NoTelnet', 'small letters'],
  ['a-name-that-is-too-long', 'fifteen letters'],
])('the name %s is right or not', (name, reason) => {
  if (reason === null) expect(wrongName(name)).toBeNull();
  else expect(wrongName(name)).toContain(reason);
});
